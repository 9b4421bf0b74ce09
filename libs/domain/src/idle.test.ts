import fc from 'fast-check';
import { decideIdle, wasActive } from './idle.ts';

const sandbox = {
  state: 'running',
  idle_policy: 'sleep',
  idle_timeout_seconds: 60,
  keepalive_until: null,
  last_active_at: 0,
} as const;

describe('the idle decision', () => {
  it('stops what was idle for its timeout, and not a millisecond earlier', () => {
    expect(decideIdle(sandbox, 0, 60_000)).toEqual({
      stop: true,
      idleMs: 60_000,
    });
    expect(decideIdle(sandbox, 0, 59_999).stop).toBe(false);
  });

  it('never stops a sandbox with work, a keepalive, another policy or another state', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (now, jobs) => {
        expect(decideIdle(sandbox, jobs, now).stop).toBe(false);
        expect(
          decideIdle({ ...sandbox, keepalive_until: now + 1 }, 0, now).stop,
        ).toBe(false);
        expect(
          decideIdle({ ...sandbox, idle_policy: 'always_on' }, 0, now).stop,
        ).toBe(false);
        expect(decideIdle({ ...sandbox, state: 'stopped' }, 0, now).stop).toBe(
          false,
        );
      }),
    );
  });
});

describe('activity between two readings', () => {
  const before = { at: 0, cpuNanos: 0, networkBytes: 0 };

  it.each([
    [
      'nothing happened',
      { at: 10_000, cpuNanos: 1e7, networkBytes: 100 },
      false,
    ],
    ['the CPU worked', { at: 10_000, cpuNanos: 2e9, networkBytes: 0 }, true],
    [
      'bytes went through',
      { at: 10_000, cpuNanos: 0, networkBytes: 9_999 },
      true,
    ],
    [
      'one small request came',
      { at: 10_000, cpuNanos: 0, networkBytes: 1_159 },
      true,
    ],
    ['no time passed', { at: 0, cpuNanos: 5, networkBytes: 5 }, false],
  ])('when %s', (_, after, active) => {
    expect(wasActive(before, after)).toBe(active);
  });

  it('takes the work of being read right after a sample for no work', () => {
    const after = { at: 60, cpuNanos: 8e6, networkBytes: 0 };
    expect(wasActive(before, after)).toBe(false);
    expect(wasActive(before, { ...after, cpuNanos: 110e6 })).toBe(true);
  });

  it('counts a counter that fell as a new container', () => {
    expect(
      wasActive(
        { at: 0, cpuNanos: 5, networkBytes: 0 },
        { at: 1, cpuNanos: 0, networkBytes: 0 },
      ),
    ).toBe(true);
  });
});
