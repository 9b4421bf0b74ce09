import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { OwnStack } from '../own-stack/own-stack.ts';
import type { Answer, Outcome } from './call.ts';
import { answerFault, call, codeOf } from './call.ts';
import type { Operation } from './operation.ts';
import type { Subject, TortureRecord } from './record.ts';

/** Longer than the longest fault, so that a client that hangs up does so on purpose. Milliseconds. */
const PATIENCE_MS = 60_000;
const TRIES = 8;
const TRY_PAUSE_MS = 500;

/** What operations share. */
export interface Session {
  readonly stack: OwnStack;
  readonly record: TortureRecord;
  /** By slot of the pool. */
  readonly slots: (Subject | undefined)[];
  /** Whether the edge could not but answer for itself since then. */
  readonly isExcused: (sandboxId: string, since: number) => boolean;
  /** Clients finish what they do and begin nothing new. */
  readonly isQuiet: () => boolean;
}

export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  /** Sent again under the same key while connections break. */
  readonly key?: string;
  /** Hangs up after so many milliseconds. */
  readonly hangUpMs?: number | undefined;
  readonly subject?: Subject;
}

const acceptedSchema = z.looseObject({ job_id: z.string() });
const jobSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});
export type EndedJob = z.output<typeof jobSchema>;

/** One request of an operation, written down. */
export async function ask(
  { stack, record }: Session,
  { kind, client, serial }: Operation,
  asked: Ask,
): Promise<Outcome> {
  const outcome = await call({
    method: asked.method,
    url: `${stack.api}${asked.path}`,
    body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
    headers: {
      'content-type': 'application/json',
      ...(asked.key !== undefined && { 'idempotency-key': asked.key }),
    },
    withinMs: Math.round(asked.hangUpMs ?? PATIENCE_MS),
  });
  const said = outcome.answered
    ? `${outcome.answer.status}${codeOf(outcome.answer) === undefined ? '' : ` ${codeOf(outcome.answer) ?? ''}`}`
    : `cut ${outcome.why}`;
  const line = `${client}/${serial} ${kind}: ${asked.method} ${asked.path} → ${said}`;
  if (asked.subject !== undefined) {
    const job = outcome.answered ? jobOf(outcome.answer) : undefined;
    record.history.add(
      asked.subject.id,
      job === undefined ? line : `${line} ${job}`,
    );
  }
  record.count(kind, outcome.answered ? said : 'cut');
  const fault = outcome.answered ? answerFault(outcome.answer) : undefined;
  if (fault !== undefined)
    record.violate(
      `${asked.method} ${asked.path} (${client}/${serial}) was answered ${fault}`,
    );
  return outcome;
}

export function jobOf(answer: Answer): string | undefined {
  if (answer.status >= 300) return undefined;
  return acceptedSchema.safeParse(answer.body).data?.job_id;
}

/** What became of a request for a job: its id, a refusal, or nobody knows. */
export type Submitted =
  | { readonly outcome: 'accepted'; readonly jobId: string }
  | { readonly outcome: 'refused' | 'unknown' | 'nothing_to_do' };

/**
 * Asks for a job. A request that got no answer is repeated under its key now and then, and is on record as unknown else.
 */
export async function submit(
  session: Session,
  operation: Operation,
  kind: string,
  asked: Ask & { readonly subject: Subject },
): Promise<Submitted> {
  const { record } = session;
  let wasCut = false;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const outcome = await ask(session, operation, asked);
    if (outcome.answered) {
      const { answer } = outcome;
      const jobId = jobOf(answer);
      if (jobId !== undefined) {
        record.accepted(jobId, kind, asked.subject.id);
        return { outcome: 'accepted', jobId };
      }
      if (answer.status < 300) return { outcome: 'nothing_to_do' };
      return { outcome: wasCut ? 'unknown' : 'refused' };
    }
    wasCut = true;
    if (asked.key === undefined || operation.dice[3] < 0.25) break;
    await pause(TRY_PAUSE_MS);
  }
  return { outcome: 'unknown' };
}

/** The end of a job, if it comes within the time; what is told of it is on record. */
export async function waitForEnd(
  session: Session,
  operation: Operation,
  subject: Subject,
  jobId: string,
  withinMs: number,
): Promise<EndedJob | undefined> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const outcome = await ask(session, operation, {
      method: 'GET',
      path: `/v1/jobs/${jobId}?wait=5`,
      subject,
    });
    if (!outcome.answered) {
      await pause(TRY_PAUSE_MS);
      continue;
    }
    const job = jobSchema.safeParse(outcome.answer.body).data;
    if (job === undefined) {
      if (codeOf(outcome.answer) === 'job_not_found') {
        session.record.violate(`accepted job ${jobId} was answered not found`);
        return undefined;
      }
      await pause(TRY_PAUSE_MS);
      continue;
    }
    if (['succeeded', 'failed', 'cancelled'].includes(job.status)) {
      session.record.ended(jobId, job.status, job.result);
      session.record.count(
        `${operation.kind} (job)`,
        job.error === undefined
          ? job.status
          : `${job.status} ${job.error.code}`,
      );
      return job;
    }
    if (session.isQuiet()) return undefined;
  }
  return undefined;
}
