import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useMemo, useState } from 'react';
import { isRefused } from './refused.ts';
import { SessionContext, sessionOf, TOKEN_KEY } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { Failure } from '../ui/failure.tsx';

/** The query that asks whether this tab may read. */
export const SESSION = 'session';

const RETRY_MS = 2_000;

/** Lets in who may read; asks for a token where the installation wants one. */
export function SessionGate({
  storage,
  baseUrl,
  children,
}: {
  readonly storage: Storage;
  readonly baseUrl: string;
  readonly children: ReactNode;
}) {
  const [token, setToken] = useState(
    () => storage.getItem(TOKEN_KEY) ?? undefined,
  );
  const queries = useQueryClient();
  const session = useMemo(
    () =>
      sessionOf(baseUrl, token, () => {
        storage.removeItem(TOKEN_KEY);
        setToken(undefined);
        // What it showed is not for who comes next.
        queries.clear();
      }),
    [baseUrl, token, storage, queries],
  );
  const asked = useQuery({
    queryKey: [SESSION, token ?? null],
    queryFn: ({ signal }) =>
      session.client.json(
        'get',
        '/v1/sandboxes',
        { query: { limit: 1 } },
        { signal },
      ),
    staleTime: Infinity,
    refetchInterval: ({ state: { error } }) =>
      error === null || isRefused(error) ? false : RETRY_MS,
  });
  if (isRefused(asked.error))
    return (
      <SignIn
        wasRefused={token !== undefined}
        onToken={(given) => {
          storage.setItem(TOKEN_KEY, given);
          setToken(given);
        }}
      />
    );
  // Who was let in stays while the connection is away.
  if (asked.error !== null && asked.data === undefined)
    return (
      <main className="alone">
        <h1>sandboxed</h1>
        <Failure error={asked.error} onAgain={() => void asked.refetch()} />
        {session.hasToken && (
          <button type="button" onClick={session.signOut}>
            Use another token
          </button>
        )}
      </main>
    );
  if (asked.isPending)
    return (
      <main className="alone" aria-busy="true">
        <p>Connecting…</p>
      </main>
    );
  return <SessionContext value={session}>{children}</SessionContext>;
}
