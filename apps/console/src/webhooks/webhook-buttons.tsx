import { useMutation } from '@tanstack/react-query';
import type { Webhook } from '@sandboxed/sdk';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';
import { useWebhooksApi } from './use-webhooks.ts';

/** What can be done to a webhook as a whole. */
export function WebhookButtons({
  webhook: { id, url, status },
}: {
  readonly webhook: Webhook;
}) {
  const { webhooks, look } = useWebhooksApi();
  const [, navigate] = useLocation();
  const [asks, setAsks] = useState<'rotate' | 'remove'>();
  const [secret, setSecret] = useState<string>();
  const isOn = status === 'enabled';
  const act = useMutation({
    mutationFn: (what: 'test' | 'switch'): Promise<unknown> =>
      what === 'test'
        ? webhooks.test(id)
        : webhooks.update(id, { enabled: !isOn }),
    onSettled: look,
  });
  const press = (what: 'test' | 'switch') => () => {
    if (!act.isPending) act.mutate(what);
  };
  const close = () => {
    setAsks(undefined);
  };
  return (
    <>
      <div className="row">
        <button type="button" onClick={press('test')}>
          Send a test
        </button>
        <button type="button" onClick={press('switch')}>
          {isOn ? 'Switch off' : 'Switch on'}
        </button>
        <button
          type="button"
          onClick={() => {
            setAsks('rotate');
          }}
        >
          New secret
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            setAsks('remove');
          }}
        >
          Remove
        </button>
      </div>
      {act.error !== null && <Failure error={act.error} />}
      {asks === 'rotate' && (
        <ConfirmDialog
          title="A new secret?"
          text="For a day deliveries are signed with both, the one before and the new one."
          verb="Make it"
          act={async () => {
            setSecret((await webhooks.rotate(id)).secret);
          }}
          onClose={close}
        />
      )}
      {secret !== undefined && (
        <Dialog
          title="The new secret"
          onClose={() => {
            setSecret(undefined);
          }}
        >
          <SecretOnce
            secret={secret}
            what="the secret"
            onDone={() => {
              setSecret(undefined);
            }}
          />
        </Dialog>
      )}
      {asks === 'remove' && (
        <ConfirmDialog
          title="Remove this webhook?"
          text={`${url} is told nothing more, and what it was sent is forgotten.`}
          verb="Remove"
          act={async () => {
            await webhooks.delete(id);
            navigate('/webhooks');
            await look();
          }}
          onClose={close}
        />
      )}
    </>
  );
}
