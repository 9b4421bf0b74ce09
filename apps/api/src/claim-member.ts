import type { CreateRequest } from '@sandboxed/domain';
import {
  defaultPoolSpec,
  DomainError,
  poolKey,
  sandboxIdSchema,
} from '@sandboxed/domain';
import type { PoolClaim } from '@sandboxed/store';
import type { ApiDeps } from './http/route.ts';

/**
 * The id of a new sandbox: a member of the warm pool that is like what is asked for, else one that was asked for, else a new one.
 * Inside the transaction that inserts the sandbox. Throws `id_taken` for the id of a member.
 */
export function claimId(
  { store, config, newId }: ApiDeps,
  { id, ...body }: CreateRequest,
  image: string,
): Pick<PoolClaim, 'id'> & Partial<PoolClaim> {
  if (id !== undefined) {
    if (store.warmPool.has(id))
      throw new DomainError(
        'id_taken',
        `The id ${id} is taken. Choose another one.`,
      );
    return { id };
  }
  const key = poolKey({ ...body, image });
  const isPooled =
    config.SANDBOXED_WARM_POOL > 0 &&
    key === poolKey(defaultPoolSpec(config.SANDBOXED_IMAGE));
  const member = isPooled ? store.warmPool.claim(key) : undefined;
  return member ?? { id: sandboxIdSchema.parse(newId()) };
}
