import { useId } from 'react';
import type { FleetFilter } from './read-fleet.ts';

const STATES = [
  'running',
  'stopped',
  'error',
  'creating',
  'starting',
  'stopping',
  'deleting',
] as const;

/** Narrows the list down. */
export function FleetFilters({
  filter,
  onChange,
}: {
  readonly filter: FleetFilter;
  readonly onChange: (filter: FleetFilter) => void;
}) {
  const id = useId();
  return (
    <form
      role="search"
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <label htmlFor={`${id}-text`} className="unseen">
        Search by name, id, image or label
      </label>
      <input
        id={`${id}-text`}
        type="search"
        placeholder="Search"
        maxLength={200}
        value={filter.text}
        onChange={({ target }) => {
          onChange({ ...filter, text: target.value });
        }}
      />
      <label htmlFor={`${id}-status`} className="unseen">
        Status
      </label>
      <select
        id={`${id}-status`}
        value={filter.status ?? ''}
        onChange={({ target }) => {
          const status = STATES.find((state) => state === target.value);
          onChange({ ...filter, status });
        }}
      >
        <option value="">All states</option>
        {STATES.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
    </form>
  );
}
