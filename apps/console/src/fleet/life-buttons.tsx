import { ConflictError } from '@sandboxed/sdk';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Failure } from '../ui/failure.tsx';
import { useMay } from '../session/use-caller.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import type { Act } from './life.ts';
import { lifeIn } from './life.ts';
import type { State } from './read-fleet.ts';
import { useAct } from './use-act.ts';
import './life-buttons.css';

/** What can be done to a sandbox as a whole, and what came in between. `children` stand beside the buttons. */
export function LifeButtons({
  id,
  title,
  status,
  onGone,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly status: State;
  readonly onGone?: () => void;
  readonly children?: ReactNode;
}) {
  const [isDeleting, setDeleting] = useState(false);
  const { mutate, isPending, error, variables } = useAct(id);
  const mayWrite = useMay('write') !== false;
  const { label, act } = lifeIn(status);
  const isIdle = isPending || act === undefined;
  const begin = (what: Act) => {
    mutate(what, {
      onSuccess: () => {
        if (what === 'delete' || what === 'purge') onGone?.();
      },
    });
  };
  const isBusy = error instanceof ConflictError && error.code === 'busy';
  return (
    <>
      {error !== null && (
        <Failure
          error={error}
          {...(!isBusy && {
            onAgain: () => {
              begin(variables);
            },
          })}
        />
      )}
      {(mayWrite || children !== undefined) && (
        <div className="acts" role="group" aria-label={`Actions for ${title}`}>
          {mayWrite && (
            <>
              {/* One button whatever the state, so that the focus stays on it. */}
              <button
                type="button"
                aria-disabled={isIdle}
                onClick={() => {
                  if (!isIdle) begin(act);
                }}
              >
                {label}
              </button>
              {isBusy && (
                <button
                  type="button"
                  className="danger"
                  onClick={() => {
                    begin('stop-anyway');
                  }}
                >
                  Stop anyway
                </button>
              )}
              <button
                type="button"
                onClick={() => {
                  setDeleting(true);
                }}
              >
                Delete…
              </button>
            </>
          )}
          {children}
        </div>
      )}
      {isDeleting && (
        <DeleteDialog
          title={title}
          onClose={() => {
            setDeleting(false);
          }}
          onDelete={(keepsFiles) => {
            setDeleting(false);
            begin(keepsFiles ? 'delete' : 'purge');
          }}
        />
      )}
    </>
  );
}
