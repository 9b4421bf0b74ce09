import type { Delivery } from '@sandboxed/sdk';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';

/** What was sent or will be, and what came of the last try. */
export function DeliveryRow({
  delivery,
  onAgain,
}: {
  readonly delivery: Delivery;
  readonly onAgain?: () => void;
}) {
  const { type, status, attempts, responseStatus, error } = delivery;
  const { durationMs, createdAt, nextAttemptAt } = delivery;
  return (
    <li>
      <div className="row">
        <h3 className="grow break">
          <code>{type}</code>
        </h3>
        <Status value={status} />
        {onAgain !== undefined && (
          <button type="button" onClick={onAgain}>
            Send again<span className="unseen"> {type}</span>
          </button>
        )}
      </div>
      <p className="faint small break">
        <TimeAgo at={createdAt} />, {attempts}{' '}
        {attempts === 1 ? 'try' : 'tries'}
        {responseStatus !== null && `, answered ${String(responseStatus)}`}
        {durationMs !== null && ` in ${String(Math.round(durationMs))} ms`}
        {status === 'pending' &&
          nextAttemptAt !== null &&
          `, next try at ${new Date(nextAttemptAt).toLocaleTimeString()}`}
      </p>
      {error !== null && <p className="problem small break">{error}</p>}
    </li>
  );
}
