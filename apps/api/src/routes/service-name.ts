import { DomainError, serviceNameSchema } from '@sandboxed/domain';
import { parse } from '../http/body.ts';
import type { Call } from '../http/route.ts';

/** The service that a call names. Throws `invalid_request`. */
export function nameOf({ params }: Call): string {
  return parse(serviceNameSchema, params['name'], 'name');
}

/** The refusal of a service that is not there. */
export function missing(name: string): DomainError {
  return new DomainError(
    'service_not_found',
    `There is no service "${name}" here.`,
  );
}
