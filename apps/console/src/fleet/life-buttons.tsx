import { ConflictError } from '@sandboxed/sdk';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Failure } from '../ui/failure.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
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
  const { mutate, isPending, error, reset } = useAct(id);
  const { label, act } = lifeIn(status);
  const isIdle = isPending || act === undefined;
  const isBusy = error instanceof ConflictError && error.code === 'busy';
  return (
    <>
      {error !== null && (
        <Failure error={error} {...(!isBusy && { onAgain: reset })} />
      )}
      <div className="acts" role="group" aria-label={`Actions for ${title}`}>
        {/* One button whatever the state, so that the focus stays on it. */}
        <button
          type="button"
          aria-disabled={isIdle}
          onClick={() => {
            if (!isIdle) mutate(act);
          }}
        >
          {label}
        </button>
        {isBusy && (
          <button
            type="button"
            className="danger"
            onClick={() => {
              mutate('stop-anyway');
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
        {children}
      </div>
      {isDeleting && (
        <DeleteDialog
          title={title}
          onClose={() => {
            setDeleting(false);
          }}
          onDelete={(keepsFiles) => {
            setDeleting(false);
            mutate(keepsFiles ? 'delete' : 'purge', {
              onSuccess: () => {
                onGone?.();
              },
            });
          }}
        />
      )}
    </>
  );
}
