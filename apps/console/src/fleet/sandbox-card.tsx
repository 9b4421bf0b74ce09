import { Link } from 'wouter';
import { sizeOfMb } from '../ui/size.ts';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { Trend } from '../ui/trend.tsx';
import { LifeButtons } from './life-buttons.tsx';
import { previewOf } from './preview-of.ts';
import type { Listed } from './read-fleet.ts';
import type { Sample } from './watch.ts';

/** One sandbox of the list, and what can be done to it as a whole. */
export function SandboxCard({
  sandbox,
}: {
  readonly sandbox: Listed & { readonly samples: readonly Sample[] };
}) {
  const { id, name, status, error, image, limits, samples } = sandbox;
  const title = name ?? id;
  const preview = previewOf(sandbox);
  const last = samples.at(-1);
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
      <LifeButtons id={id} title={title} status={status}>
        {preview !== undefined && (
          <a className="end" href={preview} target="_blank" rel="noreferrer">
            Open app<span className="unseen"> of {title} in a new tab</span>
          </a>
        )}
      </LifeButtons>
    </li>
  );
}
