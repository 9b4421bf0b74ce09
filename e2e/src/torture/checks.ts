import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Line, Subject, TortureRecord } from './record.ts';
import { shown } from './operations/files.ts';
import type { Log } from './log.ts';

/** Where the files of a stack are. */
export interface Place {
  readonly dataDir: string;
}

/** What clients were told, against the log of the sandboxes and the disk; beside what `invariants` compares. */
export async function tortureViolations(
  record: TortureRecord,
  log: Log,
  place: Place,
): Promise<string[]> {
  return [
    ...idleViolations(log),
    ...lifeViolations(log),
    ...streamViolations(record, log),
    ...(await lineViolations(record, log, place)),
    ...(await fileViolations(record, place)),
  ];
}

/** No sandbox is stopped for idleness while a job of it is queued or running. */
function idleViolations({ events, jobs }: Log): string[] {
  const open = new Map<string, Set<string>>();
  return events.flatMap(({ seq, sandbox_id, job_id, type, data }) => {
    const own = open.get(sandbox_id) ?? new Set<string>();
    open.set(sandbox_id, own);
    if (type === 'job' && job_id !== null) {
      if (data.status === 'queued' || data.status === 'running')
        own.add(job_id);
      else own.delete(job_id);
    }
    if (type !== 'state' || data.to !== 'stopping' || data.reason !== 'idle')
      return [];
    const others = [...own].filter(
      (id) => jobs.get(id)?.requested_by !== 'reaper:idle',
    );
    return others.length === 0
      ? []
      : [
          `sandbox ${sandbox_id} was stopped for idleness at ${seq} while ${others.map((id) => `${jobs.get(id)?.kind ?? 'job'} ${id}`).join(', ')} was unfinished`,
        ];
  });
}

const PROMISED: Readonly<Record<string, readonly string[]>> = {
  create: ['running'],
  start: ['running'],
  stop: ['stopped', 'error'],
  delete: ['deleted'],
  purge: ['deleted'],
};

/** When a lifecycle job says that it succeeded, the sandbox is where it was to be, unless it went elsewhere by itself. */
function lifeViolations({ events, jobs }: Log): string[] {
  const stateOf = new Map<string, { to: string; actor: string }>();
  return events.flatMap(({ seq, sandbox_id, job_id, type, data }) => {
    if (type === 'state' && data.to !== undefined) {
      stateOf.set(sandbox_id, { to: data.to, actor: data.actor ?? '' });
      return [];
    }
    const job = jobs.get(job_id ?? '');
    const state = stateOf.get(sandbox_id);
    if (type !== 'done' || data.status !== 'succeeded') return [];
    if (job === undefined || state === undefined) return [];
    const wanted = PROMISED[job.kind];
    const isKept = job.kind === 'stop' && (job.result ?? '').includes('"kept"');
    return wanted === undefined ||
      wanted.includes(state.to) ||
      state.actor === 'reconciler' ||
      isKept
      ? []
      : [
          `${job.kind} ${job.id} of ${sandbox_id} succeeded at ${seq} with the sandbox ${state.to}`,
        ];
  });
}

/** Readers of a sandbox's log got all of it, in order, once. */
function streamViolations(
  { sandboxStreams }: TortureRecord,
  { events, after: begin }: Log,
): string[] {
  const logs = Map.groupBy(
    events.filter(({ type }) => type !== 'done'),
    ({ sandbox_id }) => sandbox_id,
  );
  return sandboxStreams.flatMap((stream) => {
    const { sandboxId } = stream;
    // What was there at the last quiet point is not read again.
    const after = Math.max(stream.after, begin);
    const seqs = stream.seqs.filter((seq) => seq > begin);
    const last = seqs.at(-1) ?? 0;
    const there = (logs.get(sandboxId) ?? [])
      .map(({ seq }) => seq)
      .filter((seq) => seq > after && seq <= last);
    return there.join() === seqs.join()
      ? []
      : [
          `a reader of sandbox ${sandboxId} after ${after} saw ${seqs.join()}, there are ${there.join()}`,
        ];
  });
}

/** What must be a line once, and what must be none. */
async function lineViolations(
  { once, refused, told }: TortureRecord,
  { jobs }: Log,
  place: Place,
): Promise<string[]> {
  const cancelled = told.marks.flatMap(
    ({ jobId, mark, file, sandboxId }): Line[] => {
      const job = jobs.get(jobId ?? '');
      return job?.status === 'cancelled' && job.started_at === null
        ? [{ sandboxId, file, line: mark }]
        : [];
    },
  );
  const count = linesOf(place);
  const found: string[] = [];
  for (const line of once)
    if ((await count(line)) !== 1)
      found.push(
        `${line.line} of sandbox ${line.sandboxId} was done, and is there ${await count(line)} times`,
      );
  for (const [lines, why] of [
    [refused, 'refused'],
    [cancelled, 'cancelled before it began'],
  ] as const)
    for (const line of lines)
      if ((await count(line)) !== 0)
        found.push(
          `${line.line} of sandbox ${line.sandboxId} was ${why}, and ran`,
        );
  return found;
}

function linesOf({ dataDir }: Place): (line: Line) => Promise<number> {
  const files = new Map<string, readonly string[]>();
  return async ({ sandboxId, file, line }) => {
    const path = join(dataDir, 'workspaces', sandboxId, 'workspace/app', file);
    let lines = files.get(path);
    if (lines === undefined) {
      const text = await readFile(path, 'utf8').catch(() => '');
      lines = text.split('\n');
      files.set(path, lines);
    }
    return lines.filter((each) => each === line).length;
  };
}

/** Files hold what was acknowledged last, or what an unanswered request may have written since. */
async function fileViolations(
  { subjects }: TortureRecord,
  place: Place,
): Promise<string[]> {
  const found: string[] = [];
  for (const subject of subjects.values()) {
    if (subject.isDisturbed) continue;
    for (const [path, may] of subject.files) {
      const text = await contentOf(place, subject, path);
      if (!may.has(text))
        found.push(
          `file ${path} of sandbox ${subject.id} is ${shown(text)}, it may be ${[...may].map(shown).join(' or ')}`,
        );
    }
  }
  return found;
}

export function contentOf(
  { dataDir }: Place,
  { id }: Subject,
  path: string,
): Promise<string | undefined> {
  return readFile(
    join(dataDir, 'workspaces', id, 'workspace/app', path),
    'utf8',
  ).catch(() => undefined);
}
