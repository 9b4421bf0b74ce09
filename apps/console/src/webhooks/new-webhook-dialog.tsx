import { useMutation } from '@tanstack/react-query';
import type { NewWebhook, WebhookSpec } from '@sandboxed/sdk';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';

type Event = NonNullable<WebhookSpec['events']>[number];

const EVENTS: readonly Event[] = [
  'sandbox.created',
  'sandbox.started',
  'sandbox.stopped',
  'sandbox.failed',
  'sandbox.deleted',
  'task.finished',
  'job.failed',
  'service.changed',
];

/** Makes a webhook, then shows the secret that its deliveries are signed with, this once. */
export function NewWebhookDialog({
  create,
  onClose,
}: {
  readonly create: (spec: WebhookSpec) => Promise<NewWebhook>;
  readonly onClose: () => void;
}) {
  const [url, setUrl] = useState('');
  const [description, setDescription] = useState('');
  const [events, setEvents] = useState<readonly Event[]>(EVENTS);
  const made = useMutation({ mutationFn: create });
  if (made.data !== undefined)
    return (
      <Dialog key="made" title="The webhook is made" onClose={onClose}>
        <SecretOnce
          secret={made.data.secret}
          what="the secret"
          onDone={onClose}
        />
      </Dialog>
    );
  return (
    <Dialog title="New webhook" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (made.isPending) return;
          made.mutate({
            url: url.trim(),
            events,
            ...(description.trim() !== '' && {
              description: description.trim(),
            }),
          });
        }}
      >
        <Field label="URL" hint="Where to deliver, such as https://….">
          {(tied) => (
            <input
              {...tied}
              autoFocus
              required
              type="url"
              value={url}
              onChange={({ target }) => {
                setUrl(target.value);
              }}
            />
          )}
        </Field>
        <Field label="Description" hint="For people.">
          {(tied) => (
            <input
              {...tied}
              value={description}
              onChange={({ target }) => {
                setDescription(target.value);
              }}
            />
          )}
        </Field>
        <fieldset>
          <legend>It is told of</legend>
          {EVENTS.map((one) => (
            <label key={one}>
              <input
                type="checkbox"
                checked={events.includes(one)}
                onChange={({ target }) => {
                  setEvents(
                    EVENTS.filter((each) =>
                      each === one ? target.checked : events.includes(each),
                    ),
                  );
                }}
              />{' '}
              <code>{one}</code>
            </label>
          ))}
        </fieldset>
        <FormEnd
          error={made.error}
          isPending={made.isPending}
          does="Make the webhook"
          doing="Making…"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
