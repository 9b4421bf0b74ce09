import { useState } from 'react';
import { Trouble } from '../live/trouble.tsx';
import { useMay } from '../session/use-caller.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { CreateDialog } from './create-dialog.tsx';
import { FleetFilters } from './fleet-filters.tsx';
import { MOST_LOOKED_AT, PAGE } from './read-fleet.ts';
import type { FleetFilter } from './read-fleet.ts';
import { SandboxCard } from './sandbox-card.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { useFleet } from './use-fleet.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import './fleet.css';

const TYPING_MS = 250;
const ALL: FleetFilter = { status: undefined, text: '' };

/** All sandboxes, as they are now. */
export function FleetPage() {
  const [filter, setFilter] = useState(ALL);
  const [wanted, setWanted] = useState(PAGE);
  const [isCreating, setCreating] = useState(false);
  const mayWrite = useMay('write') !== false;
  const { news, ...query } = useFleet(useSettled(filter, TYPING_MS), wanted);
  const { data } = query;
  const isFiltered = filter.status !== undefined || filter.text.trim() !== '';
  const isEmpty = data?.items.length === 0;
  useKeptFocus(data?.items.length ?? 0);
  const create = () => {
    setCreating(true);
  };
  return (
    <>
      <div className="bar">
        <PageTitle>Sandboxes</PageTitle>
        {!(isEmpty && !isFiltered) && (
          <FleetFilters filter={filter} onChange={setFilter} />
        )}
        {mayWrite && (
          <button type="button" className="primary" onClick={create}>
            New sandbox
          </button>
        )}
      </div>
      <p role="status" className="unseen">
        {news}
      </p>
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {isEmpty && !isFiltered && (
        <div className="empty">
          <h2>No sandboxes yet</h2>
          <p>
            A sandbox is a computer of its own for one app: with a shell, the
            common toolchains, coding agents and a preview URL. It sleeps when
            nobody uses it and wakes by itself.
          </p>
          {mayWrite && (
            <p>
              Press <strong>New sandbox</strong>; a name is enough. From a
              program: <a href="/docs">the API</a>.
            </p>
          )}
        </div>
      )}
      {isEmpty && isFiltered && <p>Nothing fits. Change the filter.</p>}
      <ul className="cards" aria-label="Sandboxes">
        {data?.items.map((sandbox) => (
          <SandboxCard key={sandbox.id} sandbox={sandbox} />
        ))}
      </ul>
      {data?.lookedAt !== undefined && (
        <p>
          Only the newest {data.lookedAt} were searched. Choose a status, or
          look for an id by its address: #/sandboxes/&lt;id&gt;.
        </p>
      )}
      {data?.hasMore === true && wanted < MOST_LOOKED_AT && (
        <button
          type="button"
          onClick={() => {
            setWanted(wanted + PAGE);
          }}
        >
          Show more
        </button>
      )}
      {data?.hasMore === true && wanted >= MOST_LOOKED_AT && (
        <p>There are more than {MOST_LOOKED_AT}: filter to see the others.</p>
      )}
      {isCreating && (
        <CreateDialog
          onClose={() => {
            setCreating(false);
          }}
        />
      )}
    </>
  );
}
