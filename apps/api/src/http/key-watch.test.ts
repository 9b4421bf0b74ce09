import { createKeyWatch } from './key-watch.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const second = (): void => {
  jest.advanceTimersByTime(1_000);
};

it('ends the calls of a key within a second of its end, and those of no other', () => {
  const over = new Set<string>();
  const watch = createKeyWatch((id) => !over.has(id));
  const ended: string[] = [];
  for (const id of ['a', 'a', 'b']) watch.hold(id, () => ended.push(id));
  second();
  expect(ended).toEqual([]);
  over.add('a');
  second();
  expect(ended).toEqual(['a', 'a']);
});

it('looks once at each key however many calls it has, and at nothing when there are none', () => {
  const isValid = jest.fn(() => true);
  const watch = createKeyWatch(isValid);
  const done = ['a', 'a', 'b'].map((id) => watch.hold(id, jest.fn()));
  second();
  expect(isValid.mock.calls).toEqual([['a'], ['b']]);
  for (const release of done) release();
  expect(jest.getTimerCount()).toBe(0);
  watch.hold('c', jest.fn());
  second();
  expect(isValid).toHaveBeenLastCalledWith('c');
});

it('cuts nobody off because the database is held for a moment', () => {
  const isValid = jest.fn<boolean, [string]>().mockImplementationOnce(() => {
    throw new Error('busy');
  });
  const end = jest.fn();
  createKeyWatch(isValid.mockReturnValue(false)).hold('a', end);
  second();
  expect(end).not.toHaveBeenCalled();
  second();
  expect(end).toHaveBeenCalled();
});
