import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Trouble } from '../live/trouble.tsx';
import { useMay } from '../session/use-caller.ts';
import { Failure } from '../ui/failure.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { DeliveryRow } from './delivery-row.tsx';
import { REASONS } from './reasons.ts';
import { SHOWN, useWebhook, useWebhooksApi } from './use-webhooks.ts';
import { WebhookButtons } from './webhook-buttons.tsx';

/** One webhook, and what became of what it was sent. */
export function WebhookPage({ id }: { readonly id: string }) {
  const { webhooks, look } = useWebhooksApi();
  const query = useWebhook(id);
  const mayWrite = useMay('write') === true;
  const again = useMutation({
    mutationFn: (deliveryId: string) => webhooks.redeliver(id, deliveryId),
    onSettled: look,
  });
  const { data } = query;
  return (
    <>
      <PageTitle>Webhook</PageTitle>
      <p>
        <Link to="/webhooks">All webhooks</Link>
      </p>
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {data !== undefined && (
        <>
          <dl className="facts-list">
            <dt>URL</dt>
            <dd className="break">{data.webhook.url}</dd>
            <dt>Status</dt>
            <dd>
              <span role="status">
                <Status value={data.webhook.status} />
              </span>
              {data.webhook.disabledReason !== null &&
                ` ${REASONS[data.webhook.disabledReason]}`}
            </dd>
            <dt>Told of</dt>
            <dd className="break">{data.webhook.events.join(', ')}</dd>
            <dt>Of</dt>
            <dd className="break">{data.webhook.tenant}</dd>
            <dt>Made</dt>
            <dd className="break">
              <TimeAgo at={data.webhook.createdAt} /> by {data.webhook.madeBy}
            </dd>
          </dl>
          {mayWrite && <WebhookButtons webhook={data.webhook} />}
          <h2 className="below">Deliveries</h2>
          {again.error !== null && <Failure error={again.error} />}
          {data.deliveries.length === 0 ? (
            <p className="faint">It was sent nothing yet.</p>
          ) : (
            <ul className="rows" aria-label="Deliveries, newest first">
              {data.deliveries.map((delivery) => (
                <DeliveryRow
                  key={delivery.id}
                  delivery={delivery}
                  {...(mayWrite && {
                    onAgain: () => {
                      if (!again.isPending) again.mutate(delivery.id);
                    },
                  })}
                />
              ))}
            </ul>
          )}
          {data.deliveries.length === SHOWN && (
            <p className="faint">The newest {SHOWN} are shown.</p>
          )}
        </>
      )}
    </>
  );
}
