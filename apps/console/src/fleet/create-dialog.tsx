import { useMutation, useQueryClient } from '@tanstack/react-query';
import { SandboxedError } from '@sandboxed/sdk';
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import type { Draft, Problems, Spec } from './draft.ts';
import { EMPTY, problemsOf, specOf, TEMPLATES } from './draft.ts';
import { MoreFields } from './more-fields.tsx';
import { FLEET } from './use-fleet.ts';

/** Makes a sandbox: a press on the button is enough, the rest is for who wants it. */
export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const { client } = useSession();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const [unread, setUnread] = useState<Problems>({});
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Spec) => client.json('post', '/v1/sandboxes', { body }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [FLEET] });
      onClose();
    },
  });
  const form = useRef<HTMLFormElement>(null);
  const refused = error instanceof SandboxedError ? problemsOf(error) : {};
  const problems: Problems = { ...refused, ...unread };
  const isMarked = Object.keys(problems).length > 0;
  useEffect(() => {
    if (isMarked)
      form.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"]')
        ?.focus();
  }, [isMarked, error, unread]);
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft, ...part });
  };
  return (
    <Dialog title="New sandbox" onClose={onClose}>
      <form
        ref={form}
        className="create"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isPending) return;
          const { spec, problems: found } = specOf(draft);
          setUnread(found);
          if (spec !== undefined) mutate(spec);
        }}
      >
        <Field label="Name" hint="For people." problem={problems.name}>
          {(tied) => (
            <input
              {...tied}
              autoFocus
              value={draft.name}
              onChange={({ target }) => {
                change({ name: target.value });
              }}
            />
          )}
        </Field>
        <Field
          label="Begins with"
          hint="What its app directory has in it."
          problem={problems.template}
        >
          {(tied) => (
            <select
              {...tied}
              value={draft.template}
              onChange={({ target }) => {
                const template = TEMPLATES.find((one) => one === target.value);
                if (template !== undefined) change({ template });
              }}
            >
              {TEMPLATES.map((name) => (
                <option key={name} value={name}>
                  {name === 'blank' ? 'nothing' : name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <MoreFields draft={draft} problems={problems} onChange={change} />
        {isMarked && (
          <p role="alert" className="problem">
            Mend what is marked, and press Create again.
          </p>
        )}
        <FormEnd
          error={isMarked ? null : error}
          {...{ isPending, onClose }}
          does="Create"
          doing="Creating…"
        />
      </form>
    </Dialog>
  );
}
