import type { Answer, Api } from './support.ts';
import type { Tenants } from './two-tenants.ts';
import { twoTenants } from './two-tenants.ts';

/** Two tenants of an installation whose defaults are `quota`, by the ends of the settings' names: `{ SANDBOXES: 2 }`. */
export function tenants(
  quota: Readonly<Record<string, number>> = {},
): Promise<Tenants> {
  return twoTenants(
    Object.fromEntries(
      Object.entries(quota).map(([name, limit]) => [
        `SANDBOXED_QUOTA_${name}`,
        String(limit),
      ]),
    ),
  );
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
