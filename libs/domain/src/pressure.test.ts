import fc from 'fast-check';
import type { MemoryBand } from './pressure.ts';
import {
  BAND_LIMITS,
  decidePressure,
  MEMORY_BANDS,
  nextBand,
  PRESSURE_IDLE_SECONDS,
} from './pressure.ts';

const at = (percent: number) => ({ totalMb: 1_000, availableMb: percent * 10 });

describe('the band of the memory', () => {
  it.each<[MemoryBand, number, MemoryBand]>([
    ['normal', 15, 'normal'],
    ['normal', 14.9, 'high'],
    ['high', 19.9, 'high'],
    ['high', 20, 'normal'],
    ['high', 5, 'high'],
    ['high', 4.9, 'emergency'],
    ['normal', 4.9, 'emergency'],
    ['emergency', 7.9, 'emergency'],
    ['emergency', 8, 'high'],
    ['emergency', 19.9, 'high'],
    ['emergency', 20, 'normal'],
  ])('from %s with %d %% available is %s', (before, percent, after) => {
    expect(nextBand(before, at(percent))).toBe(after);
  });

  it('stays as it is while memory swings within a distance between enter and leave', () => {
    for (const [low, high] of [
      [BAND_LIMITS.high.enter, BAND_LIMITS.high.leave],
      [BAND_LIMITS.emergency.enter, BAND_LIMITS.emergency.leave],
    ] as const)
      fc.assert(
        fc.property(
          fc.constantFrom(...MEMORY_BANDS),
          fc.array(fc.double({ min: low, max: high - 1e-9, noNaN: true }), {
            minLength: 1,
            maxLength: 50,
          }),
          (begin, shares) => {
            const bands = shares.reduce<MemoryBand[]>(
              (seen, share) => [
                ...seen,
                nextBand(seen.at(-1) ?? begin, at(share * 100)),
              ],
              [],
            );
            expect(new Set(bands).size).toBe(1);
          },
        ),
      );
  });
});

describe('a stop for memory', () => {
  const now = 1_000_000;
  const idle = {
    state: 'running',
    idle_policy: 'sleep',
    idle_timeout_seconds: 2_100,
    keepalive_until: null,
    last_active_at: now - PRESSURE_IDLE_SECONDS * 1_000,
  } as const;
  const high = { band: 'high', startsWaiting: 0 } as const;

  it('takes an idle sandbox long before its timeout, and sooner than that none', () => {
    expect(decidePressure(high, idle, 0, now).stop).toBe(true);
    expect(decidePressure(high, idle, 0, now - 1).stop).toBe(false);
  });

  it('is for a start that waits as well, and for nothing else', () => {
    const wanted = { band: 'normal', startsWaiting: 1 } as const;
    expect(decidePressure(wanted, idle, 0, now).stop).toBe(true);
    const enough = { band: 'normal', startsWaiting: 0 } as const;
    expect(decidePressure(enough, idle, 0, now).stop).toBe(false);
  });

  it('spares what works, is kept alive or always on', () => {
    expect(decidePressure(high, idle, 1, now).stop).toBe(false);
    const kept = { ...idle, keepalive_until: now + 1 };
    expect(decidePressure(high, kept, 0, now).stop).toBe(false);
    const always = { ...idle, idle_policy: 'always_on' } as const;
    expect(decidePressure(high, always, 0, now).stop).toBe(false);
  });
});
