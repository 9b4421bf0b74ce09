import fc from 'fast-check';
import type { HostSettings } from './container-spec.ts';
import { containerSpec } from './container-spec.ts';
import { previewRoutes } from './edge-files.ts';
import { sandboxIdSchema } from './ids.ts';
import type { Limits } from './sandbox.ts';
import { DEFAULT_LIMITS } from './sandbox.ts';
import type { MemberState, PoolMember, PoolSpec } from './warm-pool.ts';
import {
  defaultPoolSpec,
  hostKey,
  mayRefill,
  MEMBER_MAKING_MS,
  MEMBER_MAX_AGE_MS,
  membersToRetire,
  poolKey,
  readPoolKey,
  refillBackoffMs,
} from './warm-pool.ts';

const NOW = 1_800_000_000_000;
const HOST: HostSettings = {
  instance: 'test',
  dataDir: '/data',
  agentDir: '/data/agent/1',
  agentCommand: ['/opt/sandboxed/node', '/opt/sandboxed/agent.cjs'],
  runtime: 'runc',
  openNetwork: 'open',
  isolatedNetwork: 'isolated',
  baseEnv: { A: '1', B: '2' },
  edge: { previewDomain: 'localhost', entrypoint: 'web', tls: false },
};
const ID = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAV');
const specs = fc.record({
  image: fc.constantFrom('one', 'two'),
  ports: fc.uniqueArray(fc.constantFrom(3000, 8080, 5173), { maxLength: 3 }),
  visibility: fc.constantFrom('public' as const, 'private' as const),
  egress: fc.constantFrom('open' as const, 'none' as const),
});

/** What the Engine and the edge are told of it, but for limits. */
function madeFrom(spec: PoolSpec, limits: Limits = DEFAULT_LIMITS) {
  const sandbox = { ...spec, id: ID, generation: 1, limits };
  const { memoryBytes, nanoCpus, pids, ...rest } = containerSpec(
    sandbox,
    HOST,
    '10.0.0.2',
  );
  return [rest, previewRoutes(sandbox, '10.0.0.2', HOST.edge)];
}

describe('the key of a pool', () => {
  it('is the same exactly where containers and routes are, whatever their limits', () => {
    fc.assert(
      fc.property(specs, specs, (one, other) => {
        // What no port routes to has no route that tells public from private.
        fc.pre(one.ports.length > 0 && other.ports.length > 0);
        const isSame = poolKey(one) === poolKey(other);
        const limits = { ...DEFAULT_LIMITS, memory_mb: 64, cpus: 1, pids: 16 };
        const [a, b] = [madeFrom(one), madeFrom(other, limits)];
        expect(JSON.stringify(a) === JSON.stringify(b)).toBe(isSame);
      }),
    );
  });

  it('is read back, and one of another version is not', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(readPoolKey(poolKey(spec))).toEqual(spec);
      }),
    );
    for (const key of ['', '{}', '{"image":1}', 'no json'])
      expect(readPoolKey(key)).toBeUndefined();
  });

  it('of a create that asks for nothing is that of the default image', () => {
    expect(defaultPoolSpec('image')).toEqual({
      image: 'image',
      ports: [3000],
      visibility: 'public',
      egress: 'open',
    });
  });
});

it('tells settings of the host apart, and not their order', () => {
  expect(hostKey({ ...HOST, baseEnv: { B: '2', A: '1' } })).toBe(hostKey(HOST));
  for (const change of [
    { runtime: 'runsc' },
    { agentDir: '/data/agent/2' },
    { baseEnv: { A: '1' } },
    { edge: { ...HOST.edge, previewDomain: 'example.org' } },
  ])
    expect(hostKey({ ...HOST, ...change })).not.toBe(hostKey(HOST));
});

const wish = { size: 2, key: 'key', hostKey: 'host' };
let made = 0;
function member(
  ageMs: number,
  state: MemberState = 'ready',
  changes: Partial<PoolMember> = {},
): PoolMember {
  made += 1;
  return {
    id: sandboxIdSchema.parse(`01ARZ3NDEK${made.toString().padStart(16, '0')}`),
    generation: 1,
    key: 'key',
    hostKey: 'host',
    state,
    createdAt: NOW - ageMs,
    ...changes,
  };
}

describe('a member has to go', () => {
  it.each([
    ['never while it is as wanted', member(MEMBER_MAX_AGE_MS), false],
    ['when it is too old', member(MEMBER_MAX_AGE_MS + 1), true],
    ['not while it is being made', member(MEMBER_MAKING_MS, 'making'), false],
    ['when its maker died', member(MEMBER_MAKING_MS + 1, 'making'), true],
    [
      'when it is like nothing that is asked for',
      member(1, 'ready', { key: '' }),
      true,
    ],
    [
      'when the host has other settings',
      member(1, 'ready', { hostKey: '' }),
      true,
    ],
    ['when the clock was set back since', member(-MEMBER_MAKING_MS - 1), true],
    ['once alone', member(1, 'leaving', { key: '' }), false],
  ])('%s', (_when, one, goes) => {
    expect(membersToRetire([one], wish, NOW)).toEqual(goes ? [one.id] : []);
  });

  it('when there are too many, the oldest first', () => {
    const [old, young, middle] = [member(3), member(1), member(2)];
    const all = [old, young, middle, member(4, 'leaving')];
    expect(membersToRetire(all, wish, NOW)).toEqual([old.id]);
    expect(membersToRetire(all, { ...wish, size: 0 }, NOW)).toEqual(
      [old, young, middle].map(({ id }) => id),
    );
  });
});

describe('another member', () => {
  const facts = {
    band: 'normal' as const,
    startsWaiting: 0,
    host: { totalMb: 10_000, availableMb: 5_000 },
    reservedMb: 0,
    isBusy: false,
    restUntil: 0,
  };

  it.each([
    ['is made while nobody needs anything', {}, true],
    ['waits while memory is short', { band: 'high' as const }, false],
    ['waits behind starts that wait', { startsWaiting: 1 }, false],
    ['waits behind jobs', { isBusy: true }, false],
    [
      'waits while starts under way hold the rest',
      { reservedMb: 3_700 },
      false,
    ],
    ['waits for the end of a rest', { restUntil: NOW + 1 }, false],
    ['waits no longer', { restUntil: NOW }, true],
    [
      'waits for no rest from before the clock was set back',
      { restUntil: NOW + 86_400_000 },
      true,
    ],
  ])('%s', (_what, change, may) => {
    expect(mayRefill({ ...facts, ...change }, NOW)).toBe(may);
  });

  it('is tried again later the more often it failed, within five minutes', () => {
    const pauses = [1, 2, 3, 100].map(refillBackoffMs);
    expect(pauses).toEqual([5_000, 10_000, 20_000, 300_000]);
  });
});
