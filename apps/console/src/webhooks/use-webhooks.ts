import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Webhooks } from '@sandboxed/sdk';
import { useMemo } from 'react';
import { firstOf } from '../live/first-of.ts';
import { useSession } from '../session/session.ts';

const WEBHOOKS = 'webhooks';
/** Deliveries have no event of their own. */
const REFRESH_MS = 5_000;
/** The newest deliveries are shown. */
export const SHOWN = 100;

/** Webhooks as the SDK knows them, and how what is shown of them is read anew. */
export function useWebhooksApi() {
  const { connection } = useSession();
  const queries = useQueryClient();
  const webhooks = useMemo(() => new Webhooks(connection), [connection]);
  return {
    webhooks,
    look: () => queries.invalidateQueries({ queryKey: [WEBHOOKS] }),
  };
}

/** All webhooks that the caller may see, kept true. */
export function useWebhooks() {
  const { webhooks } = useWebhooksApi();
  return useQuery({
    queryKey: [WEBHOOKS],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => webhooks.list({ signal }),
  });
}

/** One webhook with its newest deliveries, kept true. */
export function useWebhook(id: string) {
  const { webhooks } = useWebhooksApi();
  return useQuery({
    queryKey: [WEBHOOKS, id],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const [webhook, deliveries] = await Promise.all([
        webhooks.get(id, { signal }),
        firstOf(webhooks.deliveries(id, { signal }), SHOWN),
      ]);
      return { webhook, deliveries };
    },
  });
}
