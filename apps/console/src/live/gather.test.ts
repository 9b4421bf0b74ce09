import { gather } from './gather.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('acts once for all calls of a while, and again after it', () => {
  const act = jest.fn();
  const { soon } = gather(act, 200);
  for (let call = 0; call < 100; call += 1) soon();
  expect(act).not.toHaveBeenCalled();
  jest.advanceTimersByTime(200);
  expect(act).toHaveBeenCalledTimes(1);
  soon();
  jest.advanceTimersByTime(200);
  expect(act).toHaveBeenCalledTimes(2);
});

it('does not act once it was stopped', () => {
  const act = jest.fn();
  const { soon, stop } = gather(act, 200);
  soon();
  stop();
  jest.advanceTimersByTime(1_000);
  expect(act).not.toHaveBeenCalled();
});
