import { z } from 'zod';
import type { Policy } from './call.ts';
import { filtersParameter, onlyOurs } from './filters.ts';
import type { Place } from './place.ts';
import { noQuery, policyOf, route } from './route.ts';
import { events } from './worker-policy.ts';

/**
 * What Traefik's Docker provider reads. It asks for everything on the host and looks at each; here it is told of sandboxes alone, so
 * that it never sees the control plane's own settings.
 */
export function edgePolicy({ instance }: Place): Policy {
  return policyOf('Traefik', [
    route('HEAD', '/_ping', noQuery, () => ({
      kind: 'send',
      call: { method: 'HEAD', path: '/_ping' },
    })),
    ...['/_ping', '/version'].map((path) =>
      route('GET', path, noQuery, () => ({
        kind: 'send',
        call: { method: 'GET', path },
      })),
    ),
    route(
      'GET',
      '/containers/json',
      z.strictObject({
        all: z.literal('1').optional(),
        limit: z.literal('0').optional(),
        filters: filtersParameter,
      }),
      ({ query }) => ({
        kind: 'send',
        call: {
          method: 'GET',
          path: '/containers/json',
          query: {
            ...(query.all !== undefined && { all: query.all }),
            filters: onlyOurs(instance, query.filters),
          },
        },
      }),
    ),
    route('GET', '/containers/:ref/json', noQuery, ({ ref }) => ({
      kind: 'inspect',
      ref,
    })),
    route(
      'GET',
      '/events',
      z.strictObject({ filters: filtersParameter }),
      ({ query }) => events(instance, query.filters),
    ),
  ]);
}
