import { useMutation } from '@tanstack/react-query';
import type { KeySpec, NewKey } from '@sandboxed/sdk';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';

const DAY_SECONDS = 86_400;
const TERMS = [
  { days: 7, name: 'a week' },
  { days: 30, name: '30 days' },
  { days: 90, name: '90 days' },
  { days: 365, name: 'a year' },
  { days: 0, name: 'until it is revoked' },
];
const SCOPES = [
  { scope: 'read', tells: 'sees sandboxes, files and jobs' },
  { scope: 'write', tells: 'changes them, too' },
  { scope: 'admin', tells: 'everything, of all tenants' },
  { scope: 'metrics', tells: 'the figures of /metrics alone' },
] as const satisfies readonly {
  readonly scope: KeySpec['scopes'][number];
  readonly tells: string;
}[];

/** Makes a key, then shows its secret this once. */
export function NewKeyDialog({
  create,
  onClose,
}: {
  readonly create: (spec: KeySpec) => Promise<NewKey>;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [tenant, setTenant] = useState('');
  const [scope, setScope] = useState<KeySpec['scopes'][number]>('write');
  const [days, setDays] = useState(90);
  const made = useMutation({ mutationFn: create });
  if (made.data !== undefined)
    return (
      <Dialog key="made" title={`${made.data.name} is made`} onClose={onClose}>
        <SecretOnce secret={made.data.secret} what="the key" onDone={onClose} />
      </Dialog>
    );
  return (
    <Dialog title="New key" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (made.isPending) return;
          made.mutate({
            name: name.trim(),
            scopes: [scope],
            ...(tenant.trim() !== '' && { tenant: tenant.trim() }),
            ...(days > 0 && { expiresInSeconds: days * DAY_SECONDS }),
          });
        }}
      >
        <Field label="Name" hint="What it is for, such as the program.">
          {(tied) => (
            <input
              {...tied}
              autoFocus
              required
              value={name}
              onChange={({ target }) => {
                setName(target.value);
              }}
            />
          )}
        </Field>
        <fieldset>
          <legend>It may</legend>
          {SCOPES.map((one) => (
            <label key={one.scope} className="choice">
              <input
                type="radio"
                name="scope"
                checked={scope === one.scope}
                onChange={() => {
                  setScope(one.scope);
                }}
              />{' '}
              <code>{one.scope}</code>: {one.tells}
            </label>
          ))}
        </fieldset>
        <Field label="For how long">
          {(tied) => (
            <select
              {...tied}
              value={days}
              onChange={({ target }) => {
                setDays(Number(target.value));
              }}
            >
              {TERMS.map((term) => (
                <option key={term.days} value={term.days}>
                  {term.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Tenant" hint="Whose key it is; yours unless given.">
          {(tied) => (
            <input
              {...tied}
              value={tenant}
              onChange={({ target }) => {
                setTenant(target.value);
              }}
            />
          )}
        </Field>
        <FormEnd
          error={made.error}
          isPending={made.isPending}
          does="Make the key"
          doing="Making…"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
