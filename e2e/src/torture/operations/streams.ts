import { setTimeout as pause } from 'node:timers/promises';
import { readStream } from '../../faults/read-stream.ts';
import type { Operation } from '../operation.ts';
import type { Subject } from '../record.ts';
import type { Session } from '../session.ts';

/** Reads a job's events and breaks off now and then, going on after the last one that came. */
export async function follow(
  session: Session,
  { dice }: Operation,
  subject: Subject,
): Promise<void> {
  const recent = subject.jobs.slice(-4);
  const jobId = recent[Math.floor(dice[0] * recent.length)];
  if (jobId === undefined) return;
  const { stack, record } = session;
  const url = `${stack.api}/v1/jobs/${jobId}/events`;
  let after = 0;
  for (let part = 1; part <= 6; part += 1) {
    let left = 1 + Math.floor(dice[1] * 5 * part);
    const events = await readStream(url, {
      after,
      enough: () => (left -= 1) <= 0,
      timeoutMs: 4_000,
    });
    const ended = events.at(-1)?.type === 'done';
    const seqs = events.map(({ seq }) => seq);
    if (seqs.length > 0)
      record.told.streams.push({ jobId, after, seqs, ended });
    record.count('follow', ended ? 'ended' : 'broken off');
    after = seqs.at(-1) ?? after;
    if (ended || session.isQuiet()) return;
    if (seqs.length === 0) await pause(200);
  }
}

/** Reads a sandbox's own log for a while, in pieces. */
export async function watch(
  session: Session,
  { dice }: Operation,
  subject: Subject,
): Promise<void> {
  const { stack, record } = session;
  const url = `${stack.api}/v1/sandboxes/${subject.id}/events`;
  let after = 0;
  for (let part = 0; part < 3; part += 1) {
    let left = 2 + Math.floor((dice[part] ?? 0) * 20);
    const events = await readStream(url, {
      after,
      enough: () => (left -= 1) <= 0,
      timeoutMs: 1_000 + Math.floor(dice[2] * 2_000),
    });
    const seqs = events.map(({ seq }) => seq);
    if (seqs.length > 0)
      record.sandboxStreams.push({ sandboxId: subject.id, after, seqs });
    record.count('watch', seqs.length > 0 ? 'read' : 'nothing');
    after = seqs.at(-1) ?? after;
    if (session.isQuiet()) return;
  }
}
