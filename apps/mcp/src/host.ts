import type { Connection } from '@sandboxed/sdk';
import { Client } from '@sandboxed/sdk';

/** The installation that tools work on, as one caller reaches it. */
export interface Host {
  readonly connection: Connection;
  readonly client: Client;
}

/** Calls the installation at `baseUrl` as whoever the token says; an open one needs none. */
export function hostAt(baseUrl: string, token: string | undefined): Host {
  const connection = { baseUrl, ...(token !== undefined && { token }) };
  return { connection, client: new Client(connection) };
}
