import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSession } from '../session/session.ts';
import type { Job } from './kinds.ts';

/** The query of all lists of jobs, and of single ones. */
export const JOBS = 'jobs';
/** What changes is told by the feed; this is for figures, and for who has no feed. */
const REFRESH_MS = 10_000;
/** So many at once; a filter finds the others. */
export const PAGE = 50;
const MOST = 200;

/** What is looked for. */
export interface JobFilter {
  readonly status: Job['status'] | undefined;
  readonly kind: Job['kind'] | undefined;
  readonly sandboxId: string;
}

/** The newest jobs that fit, kept true. At most 200 at once. */
export function useJobs(
  { status, kind, sandboxId }: JobFilter,
  wanted: number,
) {
  const { client } = useSession();
  const sandbox = sandboxId.trim().toUpperCase();
  return useQuery({
    queryKey: [JOBS, { status, kind, sandbox }, wanted],
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      client.json(
        'get',
        '/v1/jobs',
        {
          query: {
            limit: Math.min(wanted, MOST),
            ...(status !== undefined && { status }),
            ...(kind !== undefined && { kind }),
            ...(sandbox !== '' && { sandbox_id: sandbox }),
          },
        },
        { signal },
      ),
  });
}
