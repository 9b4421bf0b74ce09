import { backOffMs } from './back-off.ts';

describe('back-off of a service', () => {
  it('doubles from one second up to thirty', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map(backOffMs);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('stays at thirty seconds after any number of failures', () => {
    expect(backOffMs(100_000)).toBe(30_000);
  });
});
