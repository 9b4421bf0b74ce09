import type {
  JobId,
  JobRecord,
  SandboxId,
  SandboxRecord,
} from '@sandboxed/domain';
import { DomainError, parseJobId, parseSandboxId } from '@sandboxed/domain';
import { z } from 'zod';
import type { ApiDeps, Call } from './route.ts';

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
export function sandboxOf(call: Pick<Call, 'params' | 'deps'>): SandboxRecord {
  return living(call.deps, sandboxIdOf(call));
}

/** The sandbox unless it is a tombstone. Throws `sandbox_not_found`. */
export function living(
  { store }: Pick<ApiDeps, 'store'>,
  id: SandboxId,
): SandboxRecord {
  const sandbox = store.sandboxes.get(id);
  if (sandbox === undefined || sandbox.state === 'deleted')
    throw new DomainError('sandbox_not_found', `There is no sandbox ${id}.`);
  return sandbox;
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

/** The job of the path. Throws `job_not_found`. */
export function jobOf(call: Pick<Call, 'params' | 'deps'>): JobRecord {
  const id = jobIdOf(call);
  const job = call.deps.store.jobs.get(id);
  if (job === undefined)
    throw new DomainError(
      'job_not_found',
      `There is no job ${id}. Finished jobs are kept for SANDBOXED_HISTORY_DAYS at most.`,
    );
  return job;
}

/** `?limit=` and `?cursor=` of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
});
