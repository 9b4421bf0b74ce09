import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '../session/session.ts';
import type { FleetFilter } from './read-fleet.ts';
import { readFleet } from './read-fleet.ts';
import { createWatch } from './watch.ts';

/** The query of all lists of sandboxes. */
export const FLEET = 'sandboxes';
/** What changes is told by the feed; this is for figures, and for who has no feed. */
const REFRESH_MS = 10_000;

/** The sandboxes that fit, kept true, with their last samples and what changed last. */
export function useFleet(filter: FleetFilter, wanted: number) {
  const { client } = useSession();
  const [watch] = useState(createWatch);
  const [news, setNews] = useState('');
  const query = useQuery({
    queryKey: [FLEET, filter, wanted],
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const fleet = await readFleet(
        (page) =>
          client.json('get', '/v1/sandboxes', { query: page }, { signal }),
        filter,
        wanted,
      );
      const changed = watch.see(fleet.items, JSON.stringify(filter));
      if (changed !== undefined) setNews(changed);
      return {
        ...fleet,
        items: fleet.items.map((item) => ({
          ...item,
          samples: watch.samples(item.id),
        })),
      };
    },
  });
  return { ...query, news };
}
