import { createMeter } from './meter.ts';

/** A meter on a clock that the test moves. Milliseconds. */
function metered() {
  let now = 5_000_500;
  const meter = createMeter(() => now);
  return { meter, pass: (ms: number) => void (now += ms) };
}

const requests = (
  { meter }: ReturnType<typeof metered>,
  times: number,
  limit: number | null = 3,
): readonly boolean[] =>
  Array.from({ length: times }, () => !meter.request('ann', limit).isRefused);

describe('requests', () => {
  it.each([0, 1, 20, 59, 60])(
    'pass until the minute has as many as may be, and again when the oldest is a minute ago: it was %i s ago',
    (age) => {
      const here = metered();
      expect(requests(here, 1)).toEqual([true]);
      here.pass(age * 1_000);
      expect(requests(here, 3)).toEqual([true, true, false]);
      const { freeInSeconds } = here.meter.request('ann', 3);
      here.pass((freeInSeconds - 1) * 1_000);
      expect(requests(here, 1)).toEqual([false]);
      here.pass(1_000);
      expect(requests(here, 1)).toEqual([true]);
    },
  );

  it('are never more than the limit in any 60 s, whenever they come', () => {
    const here = metered();
    const passed: number[] = [];
    for (let at = 0; at < 200_000; at += 370) {
      if (requests(here, 1, 20)[0] === true) passed.push(at);
      here.pass(370);
    }
    expect(passed.length).toBeGreaterThan(60);
    for (const from of passed) {
      const within = passed.filter((at) => at >= from && at < from + 60_000);
      expect(within.length).toBeLessThanOrEqual(20);
    }
  });

  it('that were refused do not count, so that who goes on trying gets in', () => {
    const here = metered();
    requests(here, 1_000);
    expect(here.meter.use('ann').requests_per_minute).toBe(3);
    here.pass(61_000);
    expect(requests(here, 1)).toEqual([true]);
  });

  it('of a tenant without a limit are counted, and those of one with 0 all refused', () => {
    const here = metered();
    expect(requests(here, 5, null)).not.toContain(false);
    expect(here.meter.use('ann').requests_per_minute).toBe(5);
    expect(here.meter.request('ben', 0)).toEqual({
      isRefused: true,
      used: 0,
      freeInSeconds: 60,
    });
  });
});

describe('what stays open', () => {
  it('counts until it is closed, once, for its own tenant', () => {
    const { meter } = metered();
    const close = meter.open('ann', 1);
    expect(meter.open('ann', 1)).toBeUndefined();
    expect(meter.open('ben', 1)).toBeDefined();
    close?.();
    close?.();
    expect(meter.use('ann').streams).toBe(0);
    expect(meter.open('ann', 1)).toBeDefined();
    expect(meter.open('ann', 1)).toBeUndefined();
  });

  it('is still counted after hours without a request', () => {
    const { meter, pass } = metered();
    const close = meter.open('ann', 1);
    for (let n = 0; n < 10; n += 1) {
      pass(3_600_000);
      meter.request(`other-${n}`, null);
    }
    expect(meter.open('ann', 1)).toBeUndefined();
    close?.();
    expect(meter.open('ann', 1)).toBeDefined();
  });
});

it('forgets tenants that are silent, however many there were', () => {
  const { meter, pass } = metered();
  for (let n = 0; n < 5_000; n += 1) meter.request(`tenant-${n}`, 1);
  expect(meter.size()).toBe(5_000);
  pass(62_000);
  for (let n = 0; n < 5_000; n += 1) meter.request(`tenant-${n % 10}`, null);
  expect(meter.size()).toBe(10);
});
