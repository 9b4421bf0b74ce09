import { ConflictError } from '@sandboxed/sdk';
import { useState } from 'react';
import { Link } from 'wouter';
import { Failure } from '../ui/failure.tsx';
import { sizeOfMb } from '../ui/size.ts';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { Trend } from '../ui/trend.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { lifeIn } from './life.ts';
import { previewOf } from './preview-of.ts';
import type { Listed } from './read-fleet.ts';
import { useAct } from './use-act.ts';
import type { Sample } from './watch.ts';

/** One sandbox of the list, and what can be done to it as a whole. */
export function SandboxCard({
  sandbox,
}: {
  readonly sandbox: Listed & { readonly samples: readonly Sample[] };
}) {
  const { id, name, status, error, image, limits, samples } = sandbox;
  const [isDeleting, setDeleting] = useState(false);
  const { mutate, isPending, error: failure, reset } = useAct(id);
  const { label, act } = lifeIn(status);
  const title = name ?? id;
  const preview = previewOf(sandbox);
  const last = samples.at(-1);
  const isIdle = isPending || act === undefined;
  const isBusy = failure instanceof ConflictError && failure.code === 'busy';
  return (
    <li className="card sandbox">
      <h2 className="break">
        <Link to={`/sandboxes/${id}`}>{title}</Link>
      </h2>
      <p className="facts">
        <Status value={status} />
        <span className="faint">
          used <TimeAgo at={sandbox.last_active_at} />
        </span>
      </p>
      <p className="faint small break">{image}</p>
      {error !== undefined && (
        <p className="problem small break">{error.message}</p>
      )}
      {last !== undefined && (
        <div className="trends">
          <Trend
            name="Memory"
            told={`${sizeOfMb(last.memoryMb)} of ${sizeOfMb(limits.memory_mb)}`}
            values={samples.map(({ memoryMb }) => memoryMb)}
            limit={limits.memory_mb}
          />
          <Trend
            name="CPU"
            told={`${Math.round(last.cpuPercent)} % of ${limits.cpus * 100} %`}
            values={samples.map(({ cpuPercent }) => cpuPercent)}
            limit={limits.cpus * 100}
          />
        </div>
      )}
      {failure !== null && (
        <Failure error={failure} {...(!isBusy && { onAgain: reset })} />
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
        {preview !== undefined && (
          <a className="end" href={preview} target="_blank" rel="noreferrer">
            Open app<span className="unseen"> of {title} in a new tab</span>
          </a>
        )}
      </div>
      {isDeleting && (
        <DeleteDialog
          title={title}
          onClose={() => {
            setDeleting(false);
          }}
          onDelete={(keepsFiles) => {
            setDeleting(false);
            mutate(keepsFiles ? 'delete' : 'purge');
          }}
        />
      )}
    </li>
  );
}
