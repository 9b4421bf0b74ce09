import { useState } from 'react';
import { Link } from 'wouter';
import { Trouble } from '../live/trouble.tsx';
import { useMay } from '../session/use-caller.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { NewWebhookDialog } from './new-webhook-dialog.tsx';
import { REASONS } from './reasons.ts';
import { useWebhooks, useWebhooksApi } from './use-webhooks.ts';

/** The URLs that are told what happens, and how they take it. */
export function WebhooksPage() {
  const { webhooks, look } = useWebhooksApi();
  const query = useWebhooks();
  const mayWrite = useMay('write') === true;
  const [isNew, setNew] = useState(false);
  const { data } = query;
  return (
    <>
      <div className="bar">
        <PageTitle>Webhooks</PageTitle>
        {mayWrite && (
          <button
            type="button"
            className="primary"
            onClick={() => {
              setNew(true);
            }}
          >
            New webhook
          </button>
        )}
      </div>
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {data?.length === 0 && (
        <p>
          No webhooks. One tells a URL of yours what happens to your sandboxes.
        </p>
      )}
      {data !== undefined && data.length > 0 && (
        <ul className="rows" aria-label="Webhooks">
          {data.map((webhook) => (
            <li key={webhook.id}>
              <div className="row">
                <h2 className="grow break">
                  <Link to={`/webhooks/${webhook.id}`}>{webhook.url}</Link>
                </h2>
                <Status value={webhook.status} />
              </div>
              <p className="faint small break">
                {webhook.description !== '' && `${webhook.description} · `}
                {webhook.events.join(', ')}
              </p>
              <p className="small">
                {webhook.disabledReason !== null && (
                  <span className="problem">
                    Off: {REASONS[webhook.disabledReason]}.{' '}
                  </span>
                )}
                {webhook.failingSince !== null && (
                  <span className="problem">
                    Fails since <TimeAgo at={webhook.failingSince} />.{' '}
                  </span>
                )}
                <span className="faint">
                  {webhook.lastSuccessAt === null ? (
                    'It took nothing yet.'
                  ) : (
                    <>
                      Took one <TimeAgo at={webhook.lastSuccessAt} />.
                    </>
                  )}
                </span>
              </p>
            </li>
          ))}
        </ul>
      )}
      {isNew && (
        <NewWebhookDialog
          create={async (spec) => {
            const made = await webhooks.create(spec);
            void look();
            return made;
          }}
          onClose={() => {
            setNew(false);
          }}
        />
      )}
    </>
  );
}
