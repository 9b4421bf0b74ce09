import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '@sandboxed/sdk';
import { useSession } from '../session/session.ts';

/** The query of what the installation says of itself. */
export const SYSTEM = 'system';
const REFRESH_MS = 5_000;

export type System = AnswerOf<'/v1/system', 'get'>;
export type Usage = AnswerOf<'/v1/usage', 'get'>;

/** What the installation says of itself, kept true. */
export function useSystem() {
  const { client } = useSession();
  return useQuery({
    queryKey: [SYSTEM],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => client.json('get', '/v1/system', {}, { signal }),
  });
}

/** What the caller's tenant has, and may have, kept true. */
export function useUsage() {
  const { client } = useSession();
  return useQuery({
    queryKey: [SYSTEM, 'usage'],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => client.json('get', '/v1/usage', {}, { signal }),
  });
}
