/** Who got a member runs its first command now, and is not to share the host with the making of the next. Milliseconds. */
const PAUSE_MS = 300;

/** Looks after the pool soon after something happened, once however much did. */
export interface PoolNudge {
  readonly nudge: () => void;
  readonly close: () => void;
}

export function createPoolNudge(
  keep: () => Promise<void>,
  onError: (error: unknown) => void,
): PoolNudge {
  let timer: NodeJS.Timeout | undefined;
  return {
    nudge() {
      timer ??= setTimeout(() => {
        timer = undefined;
        keep().catch(onError);
      }, PAUSE_MS);
    },
    close() {
      clearTimeout(timer);
    },
  };
}
