import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../session/session.ts';

const BEAT_MS = 5_000;
/** While the connection is away. */
const HURRY_MS = 1_000;
/** An answer that takes longer is none. */
const PATIENCE_MS = 4_000;

const KEY = 'pulse';

/** Whether the API answers. Once it does again, all that is shown is read anew. */
export function usePulse(): boolean {
  const { client } = useSession();
  const queries = useQueryClient();
  const { isError } = useQuery({
    queryKey: [KEY],
    refetchInterval: ({ state }) =>
      state.status === 'error' ? HURRY_MS : BEAT_MS,
    queryFn: async ({ signal }) => {
      const wasAway = queries.getQueryState([KEY])?.status === 'error';
      await client.raw(
        {
          method: 'get',
          path: '/healthz',
          patienceMs: 0,
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        },
        (response) => response.text(),
      );
      if (wasAway)
        void queries.invalidateQueries({
          predicate: ({ queryKey: [first] }) => first !== KEY,
        });
      return true;
    },
  });
  return !isError;
}
