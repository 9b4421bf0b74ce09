import { ConflictError } from '@sandboxed/sdk';
import { Link, useLocation } from 'wouter';
import { useState } from 'react';
import { DeleteDialog } from '../fleet/delete-dialog.tsx';
import { lifeIn } from '../fleet/life.ts';
import { useAct } from '../fleet/use-act.ts';
import { Failure } from '../ui/failure.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { sizeOfMb, toMb } from '../ui/size.ts';
import { Status } from '../ui/status.tsx';
import { useWorkspace } from './use-workspace.ts';

/** What sandbox this is, how it is, and what can be done to it as a whole. */
export function WorkspaceHeader() {
  const { details } = useWorkspace();
  const { id, name, status, figures, limits, error } = details;
  const [, navigate] = useLocation();
  const [isDeleting, setDeleting] = useState(false);
  const { mutate, isPending, error: failure, reset } = useAct(id);
  const { label, act } = lifeIn(status);
  const isBusy = failure instanceof ConflictError && failure.code === 'busy';
  return (
    <>
      <div className="bar">
        <PageTitle>{name ?? id}</PageTitle>
        <button
          type="button"
          aria-disabled={isPending || act === undefined}
          onClick={() => {
            if (!isPending && act !== undefined) mutate(act);
          }}
        >
          {label}
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            setDeleting(true);
          }}
        >
          Delete
        </button>
      </div>
      <div className="workspace-facts">
        <span role="status">
          <Status value={status} />
        </span>
        {figures !== undefined && (
          <>
            <p>
              <span className="faint">Memory</span>{' '}
              {sizeOfMb(toMb(figures.memoryBytes))} of{' '}
              {sizeOfMb(limits.memoryMb)}
            </p>
            <p>
              <span className="faint">CPU</span>{' '}
              {Math.round(figures.cpuPercent)} %
            </p>
          </>
        )}
        {name !== undefined && (
          <p className="faint">
            <code>{id}</code>
          </p>
        )}
        <Link to={`/jobs?sandbox=${id}`}>Its jobs</Link>
      </div>
      {error !== undefined && (
        <div className="failure">
          <p>{error.message}</p>
        </div>
      )}
      {failure !== null && <Failure error={failure} onAgain={reset} />}
      {isBusy && (
        <p>
          <button
            type="button"
            className="danger"
            onClick={() => {
              mutate('stop-anyway');
            }}
          >
            Stop anyway
          </button>
        </p>
      )}
      {isDeleting && (
        <DeleteDialog
          title={name ?? id}
          onClose={() => {
            setDeleting(false);
          }}
          onDelete={(keepsFiles) => {
            setDeleting(false);
            mutate(keepsFiles ? 'delete' : 'purge', {
              onSuccess: () => {
                navigate('/');
              },
            });
          }}
        />
      )}
    </>
  );
}
