import { Field } from '../ui/field.tsx';
import type { Draft, Problems } from './draft.ts';

/** The fields that are one line of text. */
const LINES = [
  ['ports', 'Ports', 'Each has a preview URL.'],
  ['memoryMb', 'Memory in MiB', '2048 unless given.'],
  ['cpus', 'Processors', '2 unless given; also a part of one.'],
  ['image', 'Image', 'One that the settings allow; theirs unless given.'],
] as const;

/** What one rarely wants to say of a new sandbox. Opens by itself when something in it is wrong. */
export function MoreFields({
  draft,
  problems,
  onChange,
}: {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly onChange: (part: Partial<Draft>) => void;
}) {
  const { name, template, ...here } = problems;
  const isWrong = Object.keys(here).length > 0;
  return (
    <details {...(isWrong && { open: true })}>
      <summary>More settings</summary>
      <div className="fields">
        {LINES.map(([field, label, hint]) => (
          <Field key={field} {...{ label, hint }} problem={problems[field]}>
            {(tied) => (
              <input
                {...tied}
                value={draft[field]}
                onChange={({ target }) => {
                  onChange({ [field]: target.value });
                }}
              />
            )}
          </Field>
        ))}
        <Field label="Previews" problem={problems.visibility}>
          {(tied) => (
            <select
              {...tied}
              value={draft.visibility}
              onChange={({ target }) => {
                onChange({
                  visibility: target.value === 'private' ? 'private' : 'public',
                });
              }}
            >
              <option value="public">open to who has the address</option>
              <option value="private">by signed links alone</option>
            </select>
          )}
        </Field>
        <Field label="Network" problem={problems.egress}>
          {(tied) => (
            <select
              {...tied}
              value={draft.egress}
              onChange={({ target }) => {
                onChange({ egress: target.value === 'none' ? 'none' : 'open' });
              }}
            >
              <option value="open">reaches the internet</option>
              <option value="none">reaches nothing</option>
            </select>
          )}
        </Field>
        <Field label="When nobody uses it" problem={problems.sleeps}>
          {(tied) => (
            <select
              {...tied}
              value={draft.sleeps ? 'sleep' : 'always_on'}
              onChange={({ target }) => {
                onChange({ sleeps: target.value === 'sleep' });
              }}
            >
              <option value="sleep">it sleeps</option>
              <option value="always_on">it stays on</option>
            </select>
          )}
        </Field>
        {draft.sleeps && (
          <Field
            label="After minutes"
            hint="As the settings say unless given."
            problem={problems.idleMinutes}
          >
            {(tied) => (
              <input
                {...tied}
                inputMode="decimal"
                value={draft.idleMinutes}
                onChange={({ target }) => {
                  onChange({ idleMinutes: target.value });
                }}
              />
            )}
          </Field>
        )}
      </div>
      <Field
        label="Environment"
        hint="NAME=value, one a line. Kept encrypted and never shown again: the place for keys."
        problem={problems.env}
      >
        {(tied) => (
          <textarea
            {...tied}
            rows={3}
            spellCheck={false}
            autoComplete="off"
            value={draft.env}
            onChange={({ target }) => {
              onChange({ env: target.value });
            }}
          />
        )}
      </Field>
    </details>
  );
}
