import type { TaskEvent } from '@sandboxed/coding-agents';
import type { EventData, EventType, TaskPhase } from '@sandboxed/domain';
import { TASK_PHASES } from '@sandboxed/domain';
import type { JobContext } from '../context.ts';

/** Events of one task that are kept; a program can write more lines than anybody reads. */
const MAX_EVENTS = 50_000;
const PAGE = 500;

/** Writes a task's events, each once, however many workers see the program's output. */
export interface TaskRecorder {
  /** Phases that an earlier worker had entered, with what it said of them. */
  readonly earlier: ReadonlyMap<TaskPhase, string | undefined>;
  /** Enters a phase, unless an earlier worker did. */
  phase(phase: TaskPhase, message?: string): void;
  /** What the build comes to, unless an earlier worker told. */
  build(data: EventData<'build'>): void;
  /** Events read from the program's output up to `offset`, in one transaction. Throws `stale_write`. */
  output(events: readonly TaskEvent[], offset: number): void;
}

/** Goes on after what an earlier worker wrote of this job. */
export function createTaskRecorder({
  deps: { store, now },
  claim,
}: JobContext<'task'>): TaskRecorder {
  const earlier = new Map<TaskPhase, string | undefined>();
  const builds = new Set<unknown>();
  let logged = 0;
  let count = 0;
  if (claim.recovered) replay();

  function replay(): void {
    for (let seq = 0; ;) {
      const page = store.events.after({ jobId: claim.jobId }, seq, PAGE);
      for (const { type, data } of page) {
        if (type === 'build') builds.add(data['status']);
        if (typeof data['offset'] === 'number') {
          logged = Math.max(logged, data['offset']);
          continue;
        }
        const phase = TASK_PHASES.find((name) => name === data['phase']);
        const { message } = data;
        if (phase !== undefined)
          earlier.set(phase, typeof message === 'string' ? message : undefined);
      }
      count += page.length;
      const last = page.at(-1);
      if (last === undefined) return;
      seq = last.seq;
    }
  }

  function append<T extends EventType>(type: T, data: EventData<T>): void {
    store.events.append({
      sandboxId: claim.sandboxId,
      jobId: claim.jobId,
      type,
      data,
      now: now(),
    });
  }

  function held(work: () => void): void {
    store.transaction(() => {
      store.jobs.assertHeld(claim);
      work();
    });
  }

  return {
    earlier,
    phase(phase, message) {
      if (earlier.has(phase)) return;
      held(() => {
        append('status', {
          status: 'running',
          phase,
          ...(message !== undefined && { message }),
        });
      });
    },
    build(data) {
      if (builds.has(data.status)) return;
      held(() => {
        append('build', data);
      });
    },
    output(events, offset) {
      if (events.length === 0 || offset <= logged || count >= MAX_EVENTS)
        return;
      held(() => {
        for (const { type, data } of events.slice(0, MAX_EVENTS - count))
          append(type, { ...data, offset });
        count += events.length;
        if (count >= MAX_EVENTS)
          append('raw', {
            text: `[sandboxed] more than ${MAX_EVENTS} events; the rest is left out of this log`,
            offset,
          });
      });
      logged = offset;
    },
  };
}
