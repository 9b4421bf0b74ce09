import { withdrawable } from './withdrawable.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('does not wait for ever to undo what nobody answers', async () => {
  const controller = new AbortController();
  const why = new Error('enough');
  const undo = jest.fn();
  const sent = withdrawable({
    signal: controller.signal,
    send: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('broken off'));
        });
      }),
    undo,
  });
  const ends = expect(sent).rejects.toBe(why);
  controller.abort(why);
  jest.advanceTimersByTime(10_000);
  await ends;
  expect(undo).not.toHaveBeenCalled();
});

it('tells why it was given up, also when it cannot be undone', async () => {
  const controller = new AbortController();
  const why = new Error('enough');
  const sent = withdrawable({
    signal: controller.signal,
    send() {
      controller.abort(why);
      return Promise.resolve('made');
    },
    undo: () => Promise.reject(new Error('it is over')),
  });
  await expect(sent).rejects.toBe(why);
  expect(jest.getTimerCount()).toBe(0);
});
