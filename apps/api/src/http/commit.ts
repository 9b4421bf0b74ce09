import { createHash } from 'node:crypto';
import type { JobId, JobKind, JobPayload, SandboxId } from '@sandboxed/domain';
import {
  DomainError,
  isRemoval,
  jobIdSchema,
  MAX_UNFINISHED_JOBS,
} from '@sandboxed/domain';
import { z } from 'zod';
import { beforeChange } from './quota.ts';
import type { ApiDeps, Call, Reply } from './route.ts';

const keySchema = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const storedJobSchema = z.object({ job_id: jobIdSchema.optional() });

/**
 * Runs the decision of a call in one transaction, which calls that come at the same time share. With an `Idempotency-Key` its first answer is stored in that same
 * transaction and answered again; another request under the key is `idempotency_mismatch`.
 */
export async function commit(call: Call, decide: () => Reply): Promise<Reply> {
  const { store, reach, tracing } = call.deps;
  const key = keyOf(call);
  reach('api.received');
  // A group is committed in the turn of one of its calls: each is to know its own span.
  const work = tracing.bind(() => {
    const first = key === undefined ? undefined : replayed(call, key);
    if (first !== undefined) return first;
    const reply = decide();
    call.record.accepted(call, reply);
    if (key !== undefined) remember(call, key, reply);
    return reply;
  });
  return store.grouped(work);
}

/**
 * Like {@link commit} for work outside the database: its answer is stored once it is done. The same key again while it
 * runs, or after a crash in the middle, does the work again.
 */
export async function repeatable(
  call: Call,
  work: () => Promise<Reply>,
): Promise<Reply> {
  const key = keyOf(call);
  if (key === undefined) return work();
  const first = replayed(call, key);
  if (first !== undefined) return first;
  const reply = await work();
  remember(call, key, reply);
  return reply;
}

interface Key {
  readonly value: string;
  readonly fingerprint: string;
}

function keyOf({ request, path, params, body }: Call): Key | undefined {
  const value = request.get('idempotency-key');
  if (value === undefined || request.method !== 'POST') return undefined;
  if (!keySchema.safeParse(value).success)
    throw new DomainError(
      'invalid_request',
      'The Idempotency-Key is not valid.',
      {
        fields: [
          {
            path: '/Idempotency-Key',
            message: 'must be 1 to 255 visible ASCII characters',
          },
        ],
      },
    );
  // An id means the same in either case.
  const sameIds = Object.values(params).map((value) => value.toUpperCase());
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request.method, path, sameIds, body]))
    .digest('hex');
  return { value, fingerprint };
}

function replayed({ deps, actor }: Call, key: Key): Reply | undefined {
  const first = deps.store.idempotency.find(actor, key.value, deps.now());
  if (first === undefined) return undefined;
  if (first.fingerprint !== key.fingerprint)
    throw new DomainError(
      'idempotency_mismatch',
      'This Idempotency-Key was used for another request. Use a new one for a new request.',
    );
  const { job_id } = storedJobSchema.catch({}).parse(first.body);
  return {
    status: first.status,
    body: first.body,
    headers: { ...first.headers, 'Idempotent-Replayed': 'true' },
    ...(job_id !== undefined && { jobId: job_id }),
  };
}

function remember({ deps, actor }: Call, key: Key, reply: Reply): void {
  const { status, body, headers = {} } = reply;
  const { value, fingerprint } = key;
  const response = { fingerprint, status, headers, body };
  deps.store.idempotency.save(actor, value, response, deps.now());
}

/**
 * Submits a job in the call's name. Inside {@link commit}. Throws `busy` when too many are unfinished; a removal always fits. For a
 * start or a task that is too much for the sandbox's tenant throws `quota_exceeded` or `rate_limited`.
 */
export function submit<K extends JobKind>(
  { deps, actor, requestId, receivedAt }: Call,
  sandboxId: SandboxId,
  kind: K,
  payload: JobPayload<K>,
  secret?: unknown,
): JobId {
  const unfinished = deps.store.jobs.countUnfinished(sandboxId);
  if (unfinished >= MAX_UNFINISHED_JOBS && !isRemoval(kind))
    throw new DomainError(
      'busy',
      `The sandbox has ${unfinished} unfinished jobs, and takes no more until some have ended.`,
      { retryAfterSeconds: 5 },
    );
  const id = jobIdSchema.parse(deps.newId());
  const assertWithin = checkOf(deps, sandboxId, kind);
  deps.store.jobs.submit({
    id,
    sandboxId,
    kind,
    payload,
    ...(secret !== undefined && { secret }),
    requestedBy: actor,
    requestId,
    acceptMs: performance.now() - receivedAt,
    traceparent: deps.tracing.current(),
    now: deps.now(),
  });
  assertWithin();
  return id;
}

/** Of these jobs a tenant may have no more than its quota; call it before, and what it answers after. */
function checkOf(deps: ApiDeps, id: SandboxId, kind: JobKind): () => void {
  const tenant =
    kind === 'start' || kind === 'task'
      ? deps.store.sandboxes.tenantOf(id)
      : undefined;
  return tenant === undefined ? () => undefined : beforeChange(deps, tenant);
}

/** 202 for a job: the resource, and where to watch it. */
export function accepted(jobId: JobId, resource: object): Reply {
  return {
    status: 202,
    jobId,
    body: {
      ...resource,
      job_id: jobId,
      events_url: `/v1/jobs/${jobId}/events`,
    },
    headers: { Location: `/v1/jobs/${jobId}` },
  };
}
