import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { checkInvariants } from '../invariants/check.ts';
import type { ToldRecord } from '../invariants/told.ts';
import { createTold } from '../invariants/told.ts';
import type { OwnStack } from '../own-stack/own-stack.ts';
import { readStream } from './read-stream.ts';

/** How long one call may take, and how long one is repeated while nobody answers. Milliseconds. */
const CALL_MS = 30_000;
const INSIST_MS = 20_000;

const acceptedSchema = z.looseObject({ job_id: z.string() });
const jobSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  sandbox_id: z.string(),
  status: z.string(),
  attempts: z.number(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});
export type Job = z.output<typeof jobSchema>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Clients of one stack that write down what they are told. */
export interface Clients {
  readonly told: ToldRecord;
  /** One call. Rejects when nobody answers. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** The same call, with one Idempotency-Key, until somebody answers below 500. */
  insist(method: string, path: string, body?: unknown): Promise<Answer>;
  /** {@link insist} for what makes a job; answers its id. Rejects unless it is accepted. */
  submit(
    kind: string,
    sandboxId: string | undefined,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<string>;
  /** A running sandbox. */
  create(body?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Submits a command that leaves a mark and then runs `shell`. */
  mark(sandboxId: string, shell?: string): Promise<string>;
  /**
   * {@link mark} with a call that waits for the end. Answers the job's id once that call was answered or broke off, asking through
   * any outage.
   */
  markHeld(sandboxId: string, shell?: string): Promise<string>;
  /** The job once it has ended, asking through any outage. Rejects after `withinMs`. */
  ended(jobId: string, withinMs?: number): Promise<Job>;
  put(sandboxId: string, path: string, content: string): Promise<Answer>;
  /** Reads a job's events to `done`, taking broken streams up again. */
  follow(jobId: string): Promise<void>;
  /** What contradicts an invariant or what clients were told, once all is quiet. */
  violations(settleMs?: number): Promise<readonly string[]>;
}

const newKey = () => ({ 'idempotency-key': randomUUID() });

export function createClients(stack: OwnStack): Clients {
  const told = createTold();

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(`${stack.api}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes(
      'json',
    );
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body: parsed };
  }

  async function insist(
    method: string,
    path: string,
    body?: unknown,
    key = newKey(),
  ): Promise<Answer> {
    const deadline = performance.now() + INSIST_MS;
    for (;;) {
      const answer = await call(method, path, body, key).catch(
        (error: unknown) => error,
      );
      if (!(answer instanceof Error)) {
        const { status } = answer as Answer;
        if (status < 500) return answer as Answer;
      }
      if (performance.now() > deadline)
        throw new Error(`${method} ${path} was never answered`, {
          cause: answer,
        });
      await pause(50);
    }
  }

  async function submit(
    kind: string,
    sandboxId: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    key = newKey(),
  ): Promise<string> {
    const answer = await insist(method, path, body, key);
    const accepted = acceptedSchema.safeParse(answer.body).data;
    if (answer.status !== 202 || accepted === undefined)
      throw new Error(
        `${method} ${path} → ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
    const { job_id, id } = accepted;
    told.jobs.set(job_id, { kind, sandboxId: sandboxId ?? String(id) });
    return job_id;
  }

  async function ended(jobId: string, withinMs = 20_000): Promise<Job> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const answer = await call('GET', `/v1/jobs/${jobId}?wait=5`).catch(
        () => undefined,
      );
      const job = jobSchema.safeParse(answer?.body).data;
      if (
        job !== undefined &&
        ['succeeded', 'failed', 'cancelled'].includes(job.status)
      ) {
        told.answers.set(jobId, {
          status: job.status,
          ...(job.result !== undefined && { result: job.result }),
        });
        return job;
      }
      if (performance.now() > deadline)
        throw new Error(
          `job ${jobId} (${job?.kind ?? 'unknown'}) did not end within ${withinMs} ms, it is ${job?.status ?? 'not answered'}`,
        );
      if (job === undefined) await pause(100);
    }
  }

  let marks = 0;

  async function leaveMark(
    sandboxId: string,
    shell: string,
    isHeld: boolean,
  ): Promise<string> {
    const mark = `mark-${(marks += 1)}`;
    const path = `/sandbox/${sandboxId}/exec`;
    const body = { shell: `echo ${mark} >> marks; ${shell}` };
    const key = newKey();
    if (isHeld)
      await call('POST', `${path}?wait=60`, body, key).catch(() => undefined);
    const jobId = await submit('exec', sandboxId, 'POST', path, body, key);
    told.marks.push({ mark, file: 'marks', sandboxId, jobId });
    return jobId;
  }

  return {
    told,
    call,
    insist,
    submit,
    ended,
    async create(body = {}) {
      const jobId = await submit('create', undefined, 'POST', '/sandbox', body);
      const { status, sandbox_id, error } = await ended(jobId);
      if (status !== 'succeeded')
        throw new Error(`create ended as ${status}: ${error?.message ?? ''}`);
      told.sandboxes.set(sandbox_id, 'created');
      return sandbox_id;
    },
    mark: (sandboxId, shell = 'true') => leaveMark(sandboxId, shell, false),
    markHeld: (sandboxId, shell = 'true') => leaveMark(sandboxId, shell, true),
    async put(sandboxId, path, content) {
      const answer = await insist('PUT', `/sandbox/${sandboxId}/files`, {
        path,
        content,
      });
      if (answer.status === 200)
        told.files.set(`${sandboxId}/${path}`, content);
      return answer;
    },
    async follow(jobId) {
      let after = 0;
      for (let tries = 0; tries < 300; tries += 1) {
        const url = `${stack.api}/v1/jobs/${jobId}/events`;
        const events = await readStream(url, { after });
        const isDone = events.at(-1)?.type === 'done';
        const seqs = events.map(({ seq }) => seq);
        told.streams.push({ jobId, after, seqs, ended: isDone });
        after = seqs.at(-1) ?? after;
        if (isDone) return;
        await pause(100);
      }
      throw new Error(`the stream of job ${jobId} never ended`);
    },
    violations: (settleMs) =>
      checkInvariants({
        ...stack,
        told,
        ...(settleMs !== undefined && { settleMs }),
      }),
  };
}
