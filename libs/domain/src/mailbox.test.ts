import fc from 'fast-check';
import type { JobId } from './ids.ts';
import { parseJobId } from './ids.ts';
import { JOB_KINDS, JOBS } from './job.ts';
import type { Letter } from './mailbox.ts';
import { runnable, willRun, willVanish } from './mailbox.ts';

function idOf(n: number): JobId {
  const id = parseJobId(n.toString().padStart(26, '0'));
  if (id === undefined) throw new Error('test id is no ULID');
  return id;
}

const letters = (
  ...kinds: readonly (readonly [Letter['kind'], Letter['status']])[]
): Letter[] =>
  kinds.map(([kind, status], index) => ({ id: idOf(index), kind, status }));

describe('the mailbox of a sandbox', () => {
  it('lets execs run beside each other', () => {
    const box = letters(['exec', 'running'], ['exec', 'queued']);
    expect(runnable(box)).toEqual([idOf(1)]);
  });

  it('holds an exec back until the create before it is done', () => {
    const box = letters(['create', 'running'], ['exec', 'queued']);
    expect(runnable(box)).toEqual([]);
  });

  it('holds a stop back until the exec before it is done, and what follows behind the stop', () => {
    const box = letters(
      ['exec', 'running'],
      ['stop', 'queued'],
      ['exec', 'queued'],
    );
    expect(runnable(box)).toEqual([]);
  });

  it('lets one task run at a time, and execs beside it', () => {
    const box = letters(
      ['task', 'running'],
      ['task', 'queued'],
      ['revert', 'queued'],
      ['exec', 'queued'],
    );
    expect(runnable(box)).toEqual([idOf(3)]);
    expect(runnable(box.slice(1))).toEqual([idOf(1), idOf(3)]);
  });

  it('always lets somebody go on, and never two lifecycle jobs at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...JOB_KINDS), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.infiniteStream(fc.nat()),
        (kinds, picks) => {
          let box: Letter[] = kinds.map((kind, index) => ({
            id: idOf(index),
            kind,
            status: 'queued',
          }));
          for (let steps = 0; box.length > 0; steps += 1) {
            expect(steps).toBeLessThan(100);
            const ready = new Set(runnable(box));
            box = box.map((letter) =>
              ready.has(letter.id) ? { ...letter, status: 'running' } : letter,
            );
            const running = box.filter(({ status }) => status === 'running');
            expect(running.length).toBeGreaterThan(0);
            const classes = running.map(({ kind }) => JOBS[kind].class);
            if (classes.includes('lifecycle')) expect(running).toHaveLength(1);
            expect(
              classes.filter((name) => name === 'task').length,
            ).toBeLessThan(2);
            const pick = picks.next().value ?? 0;
            const done = running[pick % running.length];
            box = box.filter((letter) => letter !== done);
          }
        },
      ),
    );
  });

  it('knows where the sandbox is heading', () => {
    expect(willRun('stopped', [])).toBe(false);
    expect(willRun('stopped', letters(['start', 'queued']))).toBe(true);
    expect(willRun('running', letters(['stop', 'running']))).toBe(false);
    expect(willVanish('running', letters(['delete', 'queued']))).toBe(true);
    expect(willVanish('deleted', letters(['create', 'queued']))).toBe(false);
  });
});
