import { Field } from '../ui/field.tsx';
import { KINDS, STATUSES } from './kinds.ts';
import type { JobFilter } from './use-jobs.ts';

/** Narrows the list down. */
export function JobFilters({
  filter,
  onChange,
}: {
  readonly filter: JobFilter;
  readonly onChange: (filter: JobFilter) => void;
}) {
  return (
    <form
      role="search"
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <Field label="Status">
        {(tied) => (
          <select
            {...tied}
            value={filter.status ?? ''}
            onChange={({ target }) => {
              const status = STATUSES.find((one) => one === target.value);
              onChange({ ...filter, status });
            }}
          >
            <option value="">all</option>
            {STATUSES.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Kind">
        {(tied) => (
          <select
            {...tied}
            value={filter.kind ?? ''}
            onChange={({ target }) => {
              const kind = KINDS.find((one) => one === target.value);
              onChange({ ...filter, kind });
            }}
          >
            <option value="">all</option>
            {KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Sandbox id">
        {(tied) => (
          <input
            {...tied}
            type="search"
            spellCheck={false}
            maxLength={26}
            value={filter.sandboxId}
            onChange={({ target }) => {
              onChange({ ...filter, sandboxId: target.value });
            }}
          />
        )}
      </Field>
    </form>
  );
}
