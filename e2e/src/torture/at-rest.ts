import { setTimeout as pause } from 'node:timers/promises';
import { checkInvariants } from '../invariants/check.ts';
import type { Since } from '../invariants/snapshot.ts';
import { newest } from '../invariants/snapshot.ts';
import { docker } from '../own-stack/docker.ts';
import type { OwnStack } from '../own-stack/own-stack.ts';
import { call } from './call.ts';
import { contentOf, tortureViolations } from './checks.ts';
import { livingSandboxes, readLog, unrest } from './log.ts';
import type { ProcessLogs } from './process-logs.ts';
import { LONG_PROCESS } from './programs.ts';
import type { Subject, TortureRecord } from './record.ts';

/** What was begun ends by then. Milliseconds. */
const SETTLE_MS = 60_000;
/** Each round of reconciling was made by then; the one for leftovers comes every 30 s. Milliseconds. */
const ROUND_MS = 45_000;
/** Promises of this many of the newest commands and requests are checked again and again. */
const KEPT_LINES = 3_000;

/** Looks at everything while clients and faults are quiet. */
export function createRestCheck(stack: OwnStack, record: TortureRecord) {
  let since: Since = { jobRow: 0, eventSeq: 0 };

  async function settled(): Promise<readonly string[]> {
    const deadline = performance.now() + SETTLE_MS;
    for (;;) {
      const left = unrest(stack.database);
      if (left.length === 0 || performance.now() > deadline) return left;
      await pause(500);
    }
  }

  async function look(): Promise<readonly string[]> {
    const log = readLog(stack.database, since.eventSeq);
    // A delete behind a purge is answered with that purge.
    for (const [id, { kind, sandboxId }] of record.told.jobs)
      if (kind === 'delete' && log.jobs.get(id)?.kind === 'purge')
        record.told.jobs.set(id, { kind: 'purge', sandboxId });
    const told = { ...record.told, streams: newParts(record, since) };
    return [
      ...(await checkInvariants({ ...stack, told, since, settleMs: 0 })),
      ...(await tortureViolations(record, log, stack)),
      ...(await leftProcesses(stack)),
    ];
  }

  return async (
    slots: readonly (Subject | undefined)[],
    logs: ProcessLogs,
  ): Promise<void> => {
    await stack.ready().catch((error: unknown) => {
      record.violate(`at rest the stack is ${String(error).slice(0, 2_000)}`);
    });
    await settled();
    forgetPurged(record);
    const deadline = performance.now() + ROUND_MS;
    let looked = newest(stack.database);
    let found = await look();
    while (found.length > 0 && performance.now() < deadline) {
      await pause(1_000);
      looked = newest(stack.database);
      found = await look();
    }
    for (const sentence of [...found, ...(await logs.violations())])
      record.violate(sentence);
    await purgeStrays(stack, slots);
    await settled();
    await learn(stack, record, slots, since);
    since = looked;
  };
}

/** Nobody works on what is in no slot, such as what was made for a client that was never told. */
async function purgeStrays(
  { api, database }: OwnStack,
  slots: readonly (Subject | undefined)[],
): Promise<void> {
  const known = new Set(slots.map((subject) => subject?.id));
  for (const id of livingSandboxes(database))
    if (!known.has(id))
      await call({
        method: 'POST',
        url: `${api}/sandbox/${id}/purge`,
        withinMs: 10_000,
      });
}

/** What readers of jobs got of what is looked at now. */
function newParts(
  { told }: TortureRecord,
  { eventSeq }: Since,
): TortureRecord['told']['streams'] {
  return told.streams.map((part) => ({
    ...part,
    after: Math.max(part.after, eventSeq),
    seqs: part.seqs.filter((seq) => seq > eventSeq),
  }));
}

/** Of a purged workspace it is not known what was in it. */
function forgetPurged({ subjects, told, once, refused }: TortureRecord) {
  const isKept = ({ sandboxId }: { readonly sandboxId: string }): boolean =>
    subjects.get(sandboxId)?.isPurged === false;
  keep(told.marks, isKept);
  keep(once, isKept);
  keep(refused, isKept);
}

function keep<T>(list: T[], isKept: (each: T) => boolean): void {
  const kept = list.filter(isKept).slice(-KEPT_LINES);
  list.splice(0, list.length, ...kept);
}

/** What is certain now that nothing is under way; what was checked for good is dropped. */
async function learn(
  stack: OwnStack,
  record: TortureRecord,
  slots: readonly (Subject | undefined)[],
  since: Since,
): Promise<void> {
  const { jobs } = readLog(stack.database, since.eventSeq);
  const { marks } = record.told;
  for (const { jobId, mark, file, sandboxId } of marks)
    if (jobs.get(jobId ?? '')?.status === 'succeeded')
      record.once.push({ sandboxId, file, line: mark });
  const rest = marks.filter(
    ({ jobId }) => jobs.get(jobId ?? '')?.status !== 'succeeded',
  );
  marks.splice(
    0,
    marks.length,
    ...rest.map((mark) => ({ ...mark, jobId: undefined })),
  );
  const living = new Set(livingSandboxes(stack.database));
  for (const subject of [...record.subjects.values()]) {
    const exists = living.has(subject.id);
    if (!exists && !slots.includes(subject)) {
      record.subjects.delete(subject.id);
      record.history.forget(subject.id);
      continue;
    }
    subject.exists = exists ? 'yes' : 'no';
    subject.isDisturbed = false;
    subject.isPurged = false;
    for (const path of subject.files.keys())
      subject.files.set(path, new Set([await contentOf(stack, subject, path)]));
  }
  const recent = new Set(
    [...record.subjects.values()].flatMap(({ jobs }) => jobs),
  );
  record.settle((jobId) => recent.has(jobId));
}

/** Processes of tasks and commands that ended. */
async function leftProcesses({
  instance,
}: OwnStack): Promise<readonly string[]> {
  const names = await docker(
    ...['ps', '--format', '{{.Names}}'],
    ...['--filter', `label=sandboxed.instance=${instance}`],
    ...['--filter', 'label=sandboxed.id'],
  );
  const found: string[] = [];
  for (const name of names) {
    const processes = await docker('top', name, '-eo', 'pid,args').catch(
      () => [],
    );
    for (const line of processes)
      if (line.includes(LONG_PROCESS) && !line.includes('bash'))
        found.push(`at rest ${name} runs ${line.trim()}`);
  }
  return found;
}
