/** Tells waiters in this process that something changed; nobody polls. */
export type Change = {
  /** Wakes everybody who waits now. */
  readonly notify: () => void;
  /**
   * Resolves at the next `notify`, or when `signal` aborts. The caller compares what it has seen in the same turn as it
   * calls this, so that no change falls between the two.
   */
  readonly next: (signal: AbortSignal) => Promise<void>;
};

/** See {@link Change}. */
export function createChange(): Change {
  const waiters = new Set<() => void>();
  return {
    notify() {
      for (const wake of [...waiters]) wake();
    },
    next(signal) {
      return new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = () => {
          waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiters.add(wake);
        signal.addEventListener('abort', wake);
      });
    },
  };
}
