import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Keys } from '@sandboxed/sdk';
import { useMemo } from 'react';
import { firstOf } from '../live/first-of.ts';
import { useSession } from '../session/session.ts';

const KEYS = 'keys';
/** When a key was used last has no event. */
const REFRESH_MS = 10_000;
/** The newest are shown. */
export const SHOWN = 200;

/** API keys, kept true for who may see them, and what is done with them. */
export function useKeys(isAllowed: boolean) {
  const { connection } = useSession();
  const queries = useQueryClient();
  const keys = useMemo(() => new Keys(connection), [connection]);
  const query = useQuery({
    queryKey: [KEYS],
    enabled: isAllowed,
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => firstOf(keys.list({ signal }), SHOWN),
  });
  return {
    keys,
    query,
    look: () => queries.invalidateQueries({ queryKey: [KEYS] }),
  };
}
