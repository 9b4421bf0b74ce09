import fc from 'fast-check';
import type { WaitingStart } from './admission.ts';
import {
  freeForStartsMb,
  HEADROOM,
  nextStarts,
  START_COST_MB,
  startCostMb,
} from './admission.ts';
import { jobIdSchema, sandboxIdSchema } from './ids.ts';

let made = 0;

function start(tenant: string, costMb = START_COST_MB): WaitingStart {
  made += 1;
  const id = `01ARZ3NDEK${made.toString().padStart(16, '0')}`;
  return {
    jobId: jobIdSchema.parse(id),
    sandboxId: sandboxIdSchema.parse(id),
    tenant,
    costMb,
    waitingSince: made,
  };
}

const tenantsOf = (starts: readonly WaitingStart[]): string =>
  starts.map(({ tenant }) => tenant).join('');

describe('the order of waiting starts', () => {
  it('takes tenants in turn and within one the oldest, whoever came in a burst', () => {
    const burst = Array.from({ length: 50 }, () => start('a'));
    const single = start('b');
    const other = [start('c'), start('c')];
    const waiting = [...burst, single, ...other];
    const order = nextStarts(waiting, new Map(), 6 * START_COST_MB);
    expect(tenantsOf(order)).toBe('abcaca');
    expect(order.filter(({ tenant }) => tenant === 'a')).toEqual(
      burst.slice(0, 3),
    );
  });

  it('goes on where the last turns ended', () => {
    const waiting = [start('a'), start('b'), start('c')];
    const turns = new Map([
      ['a', 7],
      ['b', 5],
    ]);
    expect(tenantsOf(nextStarts(waiting, turns, 10_000))).toBe('cba');
  });

  it('lets no small start pass a large one that waits for its room', () => {
    const waiting = [start('a', 384), start('b', 64)];
    expect(nextStarts(waiting, new Map(), 300)).toEqual([]);
  });
});

const hostGen = fc
  .record({
    totalMb: fc.integer({ min: 512, max: 65_536 }),
    share: fc.float({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ totalMb, share }) => ({ totalMb, availableMb: totalMb * share }));

const startGen = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c', 'd'),
  limit: fc.integer({ min: 64, max: 8_192 }),
});

it('never lets starts eat into the headroom, whatever is reserved already', () => {
  fc.assert(
    fc.property(
      hostGen,
      fc.integer({ min: 0, max: 4_096 }),
      fc.array(startGen, { maxLength: 200 }),
      (host, reserved, wanted) => {
        const waiting = wanted.map(({ tenant, limit }) =>
          start(tenant, startCostMb(limit)),
        );
        const free = freeForStartsMb(host, reserved);
        const admitted = nextStarts(waiting, new Map(), free);
        const held = admitted.reduce((sum, { costMb }) => sum + costMb, 0);
        if (admitted.length > 0)
          expect(host.availableMb - reserved - held).toBeGreaterThanOrEqual(
            host.totalMb * HEADROOM - 1e-6,
          );
        // Nobody waits without need, either.
        if (admitted.length < waiting.length)
          expect(free - held).toBeLessThan(START_COST_MB);
      },
    ),
  );
});

it('lets each other tenant start at most once before one that waits, however starts come and memory goes', () => {
  const step = fc.oneof(
    startGen.map(({ tenant }) => ({ arrives: tenant, free: 0 })),
    fc.integer({ min: 0, max: 5 }).map((free) => ({ arrives: '', free })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const turns = new Map<string, number>();
      let waiting: WaitingStart[] = [];
      let turn = 0;
      // Since when each tenant waits: who was served meanwhile, and how often.
      const overtakers = new Map<string, Map<string, number>>();
      for (const { arrives, free } of steps) {
        if (arrives !== '') {
          waiting.push(start(arrives));
          if (!overtakers.has(arrives)) overtakers.set(arrives, new Map());
        }
        for (const { jobId, tenant } of nextStarts(
          waiting,
          turns,
          free * START_COST_MB,
        )) {
          turn += 1;
          turns.set(tenant, turn);
          waiting = waiting.filter((other) => other.jobId !== jobId);
          overtakers.delete(tenant);
          for (const counts of overtakers.values()) {
            const times = (counts.get(tenant) ?? 0) + 1;
            counts.set(tenant, times);
            expect(times).toBe(1);
          }
          if (waiting.some((other) => other.tenant === tenant))
            overtakers.set(tenant, new Map());
        }
      }
    }),
  );
});
