import { isDeepStrictEqual } from 'node:util';
import type { EventRecord } from '@sandboxed/domain';
import type { JobRow, Snapshot } from './snapshot.ts';

const FINISHED: ReadonlySet<string> = new Set([
  'succeeded',
  'failed',
  'cancelled',
]);

/** Jobs and their events: all ended, each with one `done` that says the same, no output lost or twice. */
export function jobViolations({ jobs, eventsOfJob }: Snapshot): string[] {
  return [...jobs.values()].flatMap((job) => {
    const who = `${job.kind} ${job.id} of ${job.sandbox_id}`;
    const events = eventsOfJob.get(job.id) ?? [];
    if (!FINISHED.has(job.status)) return [`${who} is still ${job.status}`];
    return [
      ...endViolations(job, events),
      ...outputViolations(job, events),
      ...(codeOf(job.error) === 'internal' ? ['failed as internal'] : []),
    ].map((what) => `${who}: ${what}`);
  });
}

function endViolations(job: JobRow, events: readonly EventRecord[]): string[] {
  const ends = events.filter(({ type }) => type === 'done');
  const [end] = ends;
  if (end === undefined || ends.length > 1)
    return [`has ${ends.length} done events`];
  const found: string[] = [];
  if (events.at(-1) !== end) found.push('has events after its done');
  if (end.data['status'] !== job.status)
    found.push(`is ${job.status}, its done says ${String(end.data['status'])}`);
  if (!isDeepStrictEqual(end.data['result'] ?? null, parsed(job.result)))
    found.push('its done has another result than its row');
  if (!isDeepStrictEqual(end.data['error'] ?? null, parsed(job.error)))
    found.push('its done has another error than its row');
  return found;
}

/** Each piece of output ends further on than the one before; all of them together are the result's output. */
function outputViolations(
  job: JobRow,
  events: readonly EventRecord[],
): string[] {
  if (job.kind !== 'exec') return [];
  const found: string[] = [];
  let offset = -1;
  const text = { stdout: '', stderr: '' };
  for (const { seq, type, data } of events) {
    if (type !== 'stdout' && type !== 'stderr') continue;
    const next = Number(data['offset']);
    if (next <= offset) found.push(`event ${seq} repeats output`);
    offset = next;
    text[type] += String(data['text']);
  }
  const result = parsed(job.result);
  if (typeof result !== 'object' || result === null) return found;
  const { stdout, truncated } = { ...result } as Record<string, unknown>;
  if (
    job.status === 'succeeded' &&
    truncated === false &&
    typeof stdout === 'string' &&
    stdout !== text.stdout
  )
    found.push('its events do not add up to its stdout');
  return found;
}

export function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

function codeOf(error: string | null): unknown {
  const value = parsed(error);
  return typeof value === 'object' && value !== null && 'code' in value
    ? value.code
    : undefined;
}
