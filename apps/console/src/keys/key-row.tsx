import type { Key } from '@sandboxed/sdk';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';

/** A key, without its secret, and the way to end it. */
export function KeyRow({
  apiKey,
  onRevoke,
}: {
  readonly apiKey: Key;
  readonly onRevoke: (key: Key) => void;
}) {
  const { name, prefix, tenant, scopes, status } = apiKey;
  const { lastUsedAt, expiresAt, createdAt, madeBy } = apiKey;
  return (
    <li>
      <div className="row">
        <h2 className="grow break">{name}</h2>
        <Status value={status} />
        {status === 'active' && (
          <button
            type="button"
            className="danger"
            onClick={() => {
              onRevoke(apiKey);
            }}
          >
            Revoke<span className="unseen"> {name}</span>
          </button>
        )}
      </div>
      <p className="faint small break">
        <code>{prefix}…</code> of {tenant}, may {scopes.join(', ')}
      </p>
      <p className="faint small">
        Made <TimeAgo at={createdAt} /> by {madeBy} ·{' '}
        {lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <TimeAgo at={lastUsedAt} />
          </>
        )}
        {expiresAt !== null &&
          ` · until ${new Date(expiresAt).toLocaleDateString()}`}
      </p>
    </li>
  );
}
