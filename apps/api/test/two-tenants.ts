import type { Api, World } from './support.ts';
import { listen, world } from './support.ts';

/** Two tenants and an admin, each with a way to call. */
export interface Tenants {
  readonly deps: World;
  readonly url: string;
  /** Without a token. */
  readonly api: Api;
  readonly ann: Api;
  readonly ben: Api;
  readonly admin: Api;
}

/** Calls with a token, or with what is none. */
export const withToken =
  (api: Api, secret: string): Api =>
  (call, body, headers) =>
    api(call, body, { ...headers, authorization: `Bearer ${secret}` });

/** A world with them, and with further settings. */
export async function twoTenants(
  settings: Readonly<Record<string, string>> = {},
): Promise<Tenants> {
  const deps = await world({
    SANDBOXD_API_AUTH_DISABLED: 'false',
    SANDBOXD_API_TOKENS:
      'ann:annannannannannann,ben:benbenbenbenbenben,admin:adminadminadminadm',
    ...settings,
  });
  const api = await listen(deps);
  return {
    deps,
    url: api.url,
    api,
    ann: withToken(api, 'annannannannannann'),
    ben: withToken(api, 'benbenbenbenbenben'),
    admin: withToken(api, 'adminadminadminadm'),
  };
}
