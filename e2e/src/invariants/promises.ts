import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parsed } from './jobs.ts';
import type { Snapshot } from './snapshot.ts';
import type { ToldRecord } from './told.ts';

/** What clients were told, against what is there now. */
export async function promiseViolations(
  told: ToldRecord,
  snapshot: Snapshot,
  dataDir: string,
): Promise<string[]> {
  return [
    ...jobPromises(told, snapshot),
    ...streamPromises(told, snapshot),
    ...sandboxPromises(told, snapshot),
    ...(await markPromises(told, snapshot, dataDir)),
    ...(await filePromises(told, snapshot, dataDir)),
  ];
}

function jobPromises({ jobs, answers }: ToldRecord, snapshot: Snapshot) {
  const found: string[] = [];
  for (const [id, { kind, sandboxId }] of jobs) {
    const row = snapshot.jobs.get(id);
    if (row === undefined) found.push(`accepted ${kind} ${id} is not there`);
    else if (row.sandbox_id !== sandboxId || row.kind !== kind)
      found.push(
        `accepted ${kind} ${id} of ${sandboxId} is ${row.kind} of ${row.sandbox_id}`,
      );
  }
  for (const [id, told] of answers) {
    const row = snapshot.jobs.get(id);
    if (row?.status !== told.status)
      found.push(
        `job ${id} was told to be ${told.status} and is ${row?.status ?? 'gone'}`,
      );
    else if (
      told.result !== undefined &&
      !isDeepStrictEqual(told.result, parsed(row.result))
    )
      found.push(`job ${id} has another result than was told`);
  }
  return found;
}

function streamPromises({ streams }: ToldRecord, { eventsOfJob }: Snapshot) {
  return streams.flatMap(({ jobId, after, seqs, ended }) => {
    const last = ended ? Infinity : (seqs.at(-1) ?? 0);
    const there = (eventsOfJob.get(jobId) ?? [])
      .map(({ seq }) => seq)
      .filter((seq) => seq > after && seq <= last);
    return isDeepStrictEqual(there, [...seqs])
      ? []
      : [
          `a reader of job ${jobId} after ${after} saw ${seqs.join()}, there are ${there.join()}`,
        ];
  });
}

function sandboxPromises({ sandboxes }: ToldRecord, snapshot: Snapshot) {
  const found: string[] = [];
  for (const [id, told] of sandboxes) {
    const row = snapshot.sandboxes.get(id);
    const isGone = row === undefined || row.state === 'deleted';
    if (told === 'created' && isGone)
      found.push(`sandbox ${id} was made and is gone`);
    if (told !== 'created' && !isGone)
      found.push(`sandbox ${id} was ${told} and is ${row.state}`);
    if (told === 'deleted' && !snapshot.workspaces.includes(id))
      found.push(`deleted sandbox ${id} lost its workspace`);
    if (told === 'purged' && snapshot.workspaces.includes(id))
      found.push(`purged sandbox ${id} has a workspace`);
  }
  return found;
}

/** At most once each; once if the job succeeded. */
async function markPromises(
  { marks }: ToldRecord,
  { jobs, workspaces }: Snapshot,
  dataDir: string,
) {
  const found: string[] = [];
  for (const { mark, file, sandboxId, jobId } of marks) {
    if (!workspaces.includes(sandboxId)) continue;
    const text = await appFile(dataDir, sandboxId, file);
    const count = (text ?? '').split('\n').filter((line) => line === mark);
    if (count.length > 1)
      found.push(`exec ${String(jobId)} (${mark}) ran ${count.length} times`);
    const done = jobId !== undefined && jobs.get(jobId)?.status === 'succeeded';
    if (done && count.length === 0)
      found.push(`exec ${jobId} (${mark}) succeeded and left no mark`);
  }
  return found;
}

async function filePromises(
  { files }: ToldRecord,
  { workspaces }: Snapshot,
  dataDir: string,
) {
  const found: string[] = [];
  for (const [name, content] of files) {
    const [sandboxId = '', ...path] = name.split('/');
    if (!workspaces.includes(sandboxId)) continue;
    const text = await appFile(dataDir, sandboxId, path.join('/'));
    if (text !== content)
      found.push(
        `file ${name} is ${text === undefined ? 'gone' : 'not what was acknowledged'}`,
      );
  }
  return found;
}

function appFile(
  dataDir: string,
  sandboxId: string,
  path: string,
): Promise<string | undefined> {
  return readFile(
    join(dataDir, 'workspaces', sandboxId, 'workspace/app', path),
    'utf8',
  ).catch(() => undefined);
}
