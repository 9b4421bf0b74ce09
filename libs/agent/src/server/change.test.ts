import { createChange } from './change.ts';

describe('a change', () => {
  it('wakes everybody who waits', async () => {
    const change = createChange();
    const { signal } = new AbortController();
    const waits = [change.next(signal), change.next(signal)];
    change.notify();
    await expect(Promise.all(waits)).resolves.toHaveLength(2);
  });

  it('lets go of a waiter that gives up', async () => {
    const change = createChange();
    const gone = new AbortController();
    const wait = change.next(gone.signal);
    gone.abort();
    await expect(wait).resolves.toBeUndefined();
  });

  it('does not hold a waiter that has given up before', async () => {
    await expect(
      createChange().next(AbortSignal.abort()),
    ).resolves.toBeUndefined();
  });
});
