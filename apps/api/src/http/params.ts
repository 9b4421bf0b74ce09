import type {
  JobId,
  JobRecord,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import {
  DomainError,
  entryPathSchema,
  parseJobId,
  parseSandboxId,
} from '@sandboxed/domain';
import { z } from 'zod';
import { sees } from './access.ts';
import type { Call } from './route.ts';

/** Who asks, and where to look. */
type Asker = Pick<Call, 'deps' | 'tenant' | 'scopes'>;

/** The sandbox id of the path. Throws `invalid_request` for anything that is no ULID. */
export function sandboxIdOf({ params }: Pick<Call, 'params'>): SandboxId {
  const id = parseSandboxId(params['id'] ?? '');
  if (id !== undefined) return id;
  throw new DomainError('invalid_request', 'The sandbox id is not valid.', {
    fields: [
      {
        path: '/id',
        message: 'must be a ULID: 26 characters of Crockford base 32',
      },
    ],
  });
}

/** The living sandbox of the path. Throws `sandbox_not_found`. */
export function sandboxOf(call: Asker & Pick<Call, 'params'>): SandboxRecord {
  return living(call, sandboxIdOf(call));
}

/** The sandbox unless it is a tombstone. Throws `sandbox_not_found`. */
export function living(call: Asker, id: SandboxId): SandboxRecord {
  const sandbox = known(call, id);
  if (sandbox.state === 'deleted') throw noSandbox(id);
  return sandbox;
}

/**
 * The row of a sandbox, also a tombstone. Throws `sandbox_not_found`, for another tenant's just as for one that never was: every
 * way to a sandbox, its jobs, files and services goes through here.
 */
export function known(call: Asker, id: SandboxId): SandboxRecord {
  const sandbox = visible(call, id);
  if (sandbox === undefined) throw noSandbox(id);
  return sandbox;
}

/** Undefined is no sandbox, and also another tenant's. A row stays for as long as its sandbox has jobs. */
function visible(call: Asker, id: SandboxId): SandboxRecord | undefined {
  const sandbox = call.deps.store.sandboxes.get(id);
  return sandbox !== undefined && sees(call, sandbox.tenant)
    ? sandbox
    : undefined;
}

function noSandbox(id: SandboxId): DomainError {
  return new DomainError('sandbox_not_found', `There is no sandbox ${id}.`);
}

/** The job id of the path. Throws `invalid_request`. */
export function jobIdOf(
  { params }: Pick<Call, 'params'>,
  name: 'id' | 'taskId' = 'id',
): JobId {
  const id = parseJobId(params[name] ?? '');
  if (id !== undefined) return id;
  throw new DomainError('invalid_request', 'The job id is not valid.', {
    fields: [{ path: `/${name}`, message: 'must be a ULID' }],
  });
}

/** The job of the path. Throws `job_not_found`, also for another tenant's. */
export function jobOf(call: Asker & Pick<Call, 'params'>): JobRecord {
  const id = jobIdOf(call);
  const job = call.deps.store.jobs.get(id);
  if (job === undefined || visible(call, job.sandbox_id) === undefined)
    throw new DomainError(
      'job_not_found',
      `There is no job ${id}. Finished jobs are kept for SANDBOXED_HISTORY_DAYS at most.`,
    );
  return job;
}

/** `?limit=` and `?cursor=` of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .describe('At most so many.'),
  cursor: z
    .string()
    .max(256)
    .optional()
    .describe('`next_cursor` of the page before.'),
});

/** `?path=` of a file or directory below the app directory. */
export const entryQuerySchema = z.object({
  path: entryPathSchema.describe('Relative to the app directory.'),
});

/** What narrows a list to what the caller may know of. */
export function ownOnly({ tenant, scopes }: Pick<Call, 'tenant' | 'scopes'>): {
  readonly tenant?: string;
} {
  return scopes.has('admin') ? {} : { tenant };
}
