import type { IncomingMessage } from 'node:http';
import { DomainError } from '@sandboxed/domain';

/**
 * A browser lets any page open a web socket to anywhere, and says whose page it is. Throws `forbidden_origin` for one that is neither
 * of this very host nor of the list; programs, which send no origin, pass.
 */
export function refuseOtherOrigin(
  { headers: { origin, host } }: IncomingMessage,
  allowed: readonly string[],
): void {
  if (origin === undefined || allowed.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase())
    return;
  throw new DomainError(
    'forbidden_origin',
    'Pages of this origin open no terminals here. SANDBOXED_BUILDER_ORIGINS names those that may.',
  );
}
