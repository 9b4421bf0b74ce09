import type { Connection } from '@sandboxed/sdk';
import { Client } from '@sandboxed/sdk';
import { createContext, useContext } from 'react';

/** How this page talks to the API, and as whom. */
export interface Session {
  readonly connection: Connection;
  readonly client: Client;
  /** Whether there is a token to be forgotten; an open installation needs none. */
  readonly hasToken: boolean;
  readonly signOut: () => void;
}

/** Where the token is kept while the tab is open: gone with it, and never sent by the browser on its own. */
export const TOKEN_KEY = 'sandboxed.token';

/** A session with a token, or with none. */
export function sessionOf(
  baseUrl: string,
  token: string | undefined,
  signOut: () => void,
): Session {
  const connection: Connection = {
    baseUrl,
    ...(token !== undefined && { token }),
    // A person waits: what fails for this long is told.
    maxRetries: 2,
  };
  const client = new Client(connection);
  return { connection, client, hasToken: token !== undefined, signOut };
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of the page; only below `SessionGate`. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('There is no session here.');
  return session;
}
