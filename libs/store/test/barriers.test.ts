import type { JobId, Letter } from '@sandboxed/domain';
import { jobIdSchema, JOBS, runnable } from '@sandboxed/domain';
import fc from 'fast-check';
import type { Claim } from '../src/index.ts';
import { EXEC, insert, submit, temporary } from './open.ts';

const SUCCESS = { status: 'succeeded', result: {} } as const;

interface Step {
  readonly act: 'submit' | 'claim' | 'finish' | 'cancel';
  readonly kind: 'exec' | 'limits' | 'revert' | 'start';
  readonly pick: number;
}

const step = fc.record<Step>({
  act: fc.constantFrom('submit', 'claim', 'finish', 'cancel'),
  kind: fc.constantFrom('exec', 'limits', 'revert', 'start'),
  pick: fc.nat(20),
});

/** The first runs, and the second waits for it. */
const behind = (first: 'exec' | 'start', second: 'exec' | 'start'): Step[] => [
  { act: 'submit', kind: first, pick: 0 },
  { act: 'claim', kind: first, pick: 0 },
  { act: 'submit', kind: second, pick: 0 },
  { act: 'finish', kind: first, pick: 0 },
];

/** The mailbox of one sandbox, and what is announced of it. */
function openMailbox(place: ReturnType<typeof temporary>) {
  const announced: JobId[] = [];
  const store = place.open(({ runnable: jobs }) => {
    announced.push(...jobs.map(({ id }) => id));
  });
  const id = insert(store);
  const claims: Claim[] = [];
  const letters = (): readonly Letter[] => store.jobs.mailbox(id);
  const task = jobIdSchema.parse('01ARZ3NDEK0000000000000000');

  return {
    letters,
    barriers: () => store.jobs.barriers(id),
    due: () => store.jobs.toOffer(1_000, 100).map(({ id }) => id),
    announced,
    act({ act, kind, pick }: Step): void {
      const box = letters();
      const letter = box[pick % Math.max(1, box.length)];
      if (act === 'submit') {
        if (kind === 'exec') submit(store, id, kind, EXEC);
        else if (kind === 'revert') submit(store, id, kind, { task_id: task });
        else submit(store, id, kind, {});
      } else if (act === 'claim' && letter !== undefined) {
        const claim = store.jobs.claim(letter.id, 'worker', 1_000);
        const isFree = runnable(box).includes(letter.id);
        expect(claim !== undefined).toBe(isFree);
        if (claim !== undefined) claims.push(claim);
      } else if (act === 'cancel' && letter?.status === 'queued')
        store.jobs.requestCancel(letter.id, { actor: 'test', now: 1_000 });
      else if (act === 'finish') {
        const [claim] = claims.splice(pick % Math.max(1, claims.length), 1);
        if (claim !== undefined) store.jobs.finish(claim, SUCCESS, 1_000);
      }
    },
  };
}

it('offers just those jobs whose turn has come, and lets no other be claimed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const place = temporary();
      try {
        const box = openMailbox(place);
        for (const next of steps) {
          const before = runnable(box.letters());
          box.announced.length = 0;
          box.act(next);
          expect(box.announced).toEqual(
            runnable(box.letters()).filter((id) => !before.includes(id)),
          );
          // What the relay offers again: by id, which rises.
          expect(box.due()).toEqual(runnable(box.letters()));
          expect(box.barriers()).toEqual(
            box.letters().filter(({ kind }) => JOBS[kind].class !== 'exec'),
          );
        }
      } finally {
        place.clean();
      }
    }),
    {
      numRuns: 150,
      examples: [[behind('start', 'exec')], [behind('exec', 'start')]],
    },
  );
}, 60_000);
