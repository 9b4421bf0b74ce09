import type { CountedUse, Quota } from './quota.ts';
import {
  excessOf,
  isCounted,
  overQuota,
  QUOTA_NAMES,
  quotaOverridesSchema,
  quotaWith,
} from './quota.ts';

const NONE: Quota = {
  sandboxes: null,
  running: null,
  memory_mb: null,
  disk_mb: null,
  tasks: null,
  requests_per_minute: null,
  streams: null,
};
const NOTHING: CountedUse = {
  sandboxes: 0,
  running: 0,
  memory_mb: 0,
  disk_mb: 0,
  tasks: 0,
};
const allowed = (limit: number, before: number, after: number): boolean =>
  excessOf(
    { ...NONE, running: limit },
    { ...NOTHING, running: before },
    { ...NOTHING, running: after },
  ) === undefined;

describe('a change', () => {
  it.each([
    ['up to the limit', 2, 1, 2, true],
    ['beyond it', 2, 2, 3, false],
    ['that changes nothing above it', 2, 3, 3, true],
    ['that shrinks what is above it', 2, 4, 3, true],
    ['that grows what is above it', 2, 3, 4, false],
    ['of anything where the limit is 0', 0, 0, 1, false],
  ])('%s', (_what, limit, before, after, isAllowed) => {
    expect(allowed(limit, before, after)).toBe(isAllowed);
  });

  it('is told the limit, and what was used before', () => {
    expect(
      excessOf(
        { ...NONE, memory_mb: 4_096 },
        { ...NOTHING, memory_mb: 3_072 },
        { ...NOTHING, memory_mb: 5_120, sandboxes: 1 },
      ),
    ).toEqual({ name: 'memory_mb', used: 3_072, limit: 4_096 });
  });
});

describe('the limits of a tenant', () => {
  it('are the defaults but for its own, which may be none', () => {
    const defaults = { ...NONE, sandboxes: 5, tasks: 2 };
    expect(quotaWith(defaults, { sandboxes: null, running: 0 })).toEqual({
      ...NONE,
      running: 0,
      tasks: 2,
    });
    expect(quotaWith(defaults, {})).toEqual(defaults);
  });

  it.each([{ sandboxes: -1 }, { sandboxes: 1.5 }, { sandbox: 1 }])(
    'are not %j',
    (overrides) => {
      expect(quotaOverridesSchema.safeParse(overrides).success).toBe(false);
    },
  );

  it('need no counting of rows for calls alone', () => {
    expect(isCounted({ ...NONE, streams: 1, requests_per_minute: 1 })).toBe(
      false,
    );
    expect(isCounted({ ...NONE, tasks: 0 })).toBe(true);
  });
});

it.each(QUOTA_NAMES)('refuses for %s by name, with figures', (name) => {
  const error = overQuota({ name, used: 7, limit: 8 }, 9);
  const passes = ['tasks', 'requests_per_minute', 'streams'].includes(name);
  expect(error.code).toBe(passes ? 'rate_limited' : 'quota_exceeded');
  expect(error.retryAfterSeconds).toBe(passes ? 9 : undefined);
  expect(error.quota).toEqual({ name, used: 7, limit: 8 });
  expect(error.message).toContain(`"${name}" is 8, and 7 of it is used`);
});
