/** Lets callers go on in the order of asking, the first of them at once. */
export type Turns = { readonly next: () => Promise<void> };

/**
 * One caller in each turn of the event loop. To start a program blocks for milliseconds, and libuv accepts one connection a turn
 * (`uv__server_io`): were all that is asked at once started in one turn, callers on new connections would wait for seconds.
 */
export function createTurns(): Turns {
  const waiting: (() => void)[] = [];
  let taken = false;

  function pass(): void {
    const next = waiting.shift();
    taken = next !== undefined;
    if (next === undefined) return;
    setImmediate(pass);
    next();
  }

  return {
    next() {
      if (taken)
        return new Promise((resolve) => {
          waiting.push(resolve);
        });
      taken = true;
      setImmediate(pass);
      return Promise.resolve();
    },
  };
}
