import { useMutation } from '@tanstack/react-query';
import type { KeySpec, NewKey } from '@sandboxed/sdk';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';
import { ScopeFields } from './scope-fields.tsx';
import type { Scope } from './scopes.ts';
import { leastOf } from './scopes.ts';

const DAY_SECONDS = 86_400;
const TERMS = [
  { days: 7, name: 'a week' },
  { days: 30, name: '30 days' },
  { days: 90, name: '90 days' },
  { days: 365, name: 'a year' },
  { days: 0, name: 'until it is revoked' },
];

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
  const [scopes, setScopes] = useState<readonly Scope[]>(['write']);
  const [hasNone, setNone] = useState(false);
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
          setNone(scopes.length === 0);
          if (scopes.length === 0) return;
          made.mutate({
            name: name.trim(),
            scopes: [...leastOf(scopes)],
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
        <ScopeFields
          chosen={scopes}
          problem={
            hasNone
              ? 'Choose at least one: a key without any opens nothing.'
              : undefined
          }
          onChange={(chosen) => {
            setScopes(chosen);
            setNone(false);
          }}
        />
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
