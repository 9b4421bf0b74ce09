import { DomainError } from '@sandboxed/domain';
import type { Call } from './route.ts';

/** An answer that can be repeated is a stored one, and a secret is never stored. `what` is made by the call. Throws `invalid_request`. */
export function refuseToRepeat({ request }: Call, what: string): void {
  if (request.get('idempotency-key') === undefined) return;
  throw new DomainError(
    'invalid_request',
    `A secret is shown once and not stored, so that it cannot be answered again: leave the Idempotency-Key out. Revoke or remove a ${what} whose answer was lost.`,
    { fields: [{ path: '/Idempotency-Key', message: 'must not be given' }] },
  );
}
