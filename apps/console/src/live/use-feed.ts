import { useQueryClient } from '@tanstack/react-query';
import { Sandbox } from '@sandboxed/sdk';
import { useEffect } from 'react';
import { FLEET } from '../fleet/use-fleet.ts';
import { JOBS } from '../jobs/use-jobs.ts';
import { useSession } from '../session/session.ts';
import { SYSTEM } from '../system/use-system.ts';
import { useVisible } from '../ui/use-visible.ts';
import { gather } from './gather.ts';

/** A change is seen after so long; what a busy installation tells meanwhile is read at once. */
const GATHER_MS = 250;

/**
 * Reads anew what is shown whenever a sandbox tells something. Not in a tab that nobody sees: a browser has six connections for all
 * tabs together. What was missed meanwhile is read when it is seen again.
 */
export function useFeed(): void {
  const { connection } = useSession();
  const queries = useQueryClient();
  const isSeen = useVisible();
  useEffect(() => {
    if (!isSeen) return;
    const end = new AbortController();
    const { soon, stop } = gather(() => {
      for (const first of [FLEET, JOBS, SYSTEM])
        void queries.invalidateQueries({ queryKey: [first] });
    }, GATHER_MS);
    const follow = async () => {
      const feed = Sandbox.feed({
        ...connection,
        // As long as the page is open; what is shown says meanwhile that the connection is away.
        patienceMs: Infinity,
        signal: end.signal,
      });
      // How full disks are is read with the other figures.
      for await (const { type } of feed) if (type !== 'disk') soon();
    };
    follow().catch(() => {
      // Refused, as by a quota of streams: what is shown is still read anew every few seconds.
    });
    return () => {
      end.abort();
      stop();
    };
  }, [connection, queries, isSeen]);
}
