/** Does something once for all calls of a while: `afterMs` after the first of them, so that a flood costs no more than a drop. */
export function gather(
  act: () => void,
  afterMs: number,
): { readonly soon: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        act();
      }, afterMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
