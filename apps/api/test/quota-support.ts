import type { Answer, Api, World } from './support.ts';
import { listen, world } from './support.ts';

/** Two tenants and an admin, each with a way to call, and an installation whose defaults are `quota`. */
export interface Tenants {
  readonly deps: World;
  readonly url: string;
  readonly ann: Api;
  readonly ben: Api;
  readonly admin: Api;
}

/** `quota` by the ends of the settings' names: `{ SANDBOXES: 2 }`. */
export async function tenants(
  quota: Readonly<Record<string, number>> = {},
): Promise<Tenants> {
  const deps = await world({
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS:
      'ann:annannannannannann,ben:benbenbenbenbenben,admin:adminadminadminadm',
    ...Object.fromEntries(
      Object.entries(quota).map(([name, limit]) => [
        `SANDBOXED_QUOTA_${name}`,
        String(limit),
      ]),
    ),
  });
  const api = await listen(deps);
  const as =
    (secret: string): Api =>
    (call, body, headers) =>
      api(call, body, { ...headers, authorization: `Bearer ${secret}` });
  return {
    deps,
    url: api.url,
    ann: as('annannannannannann'),
    ben: as('benbenbenbenbenben'),
    admin: as('adminadminadminadm'),
  };
}

/** The refusal of a call for a limit that does not pass by itself. */
export const exceeded = (name: string, used: number, limit: number) => ({
  status: 403,
  code: 'quota_exceeded',
  retryable: false,
  quota: { name, used, limit },
});

/** The refusal for one that does. */
export const limited = (name: string, used: number, limit: number) => ({
  status: 429,
  code: 'rate_limited',
  retryable: true,
  quota: { name, used, limit },
});

/** What a tenant is told of one limit of its own. */
export async function usageOf(api: Api, name: string): Promise<unknown> {
  const { body } = await api('GET /v1/usage');
  return (body['usage'] as Record<string, unknown>)[name];
}

/** Status of an answer, for lists of them. */
export const statusOf = ({ status }: Answer): number => status;
