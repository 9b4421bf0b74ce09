import type { Key } from '@sandboxed/sdk';
import { useCallback, useState } from 'react';
import { Trouble } from '../live/trouble.tsx';
import { useMay } from '../session/use-caller.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { KeyRow } from './key-row.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { SHOWN, useKeys } from './use-keys.ts';

/** API keys, for who may make them. */
export function KeysPage() {
  const mayAll = useMay('admin');
  const { keys, query, look } = useKeys(mayAll === true);
  const [isNew, setNew] = useState(false);
  const [revoked, setRevoked] = useState<Key>();
  const close = useCallback(() => {
    setNew(false);
    setRevoked(undefined);
  }, []);
  const { data } = query;
  return (
    <>
      <div className="bar">
        <PageTitle>API keys</PageTitle>
        {mayAll === true && (
          <button
            type="button"
            className="primary"
            onClick={() => {
              setNew(true);
            }}
          >
            New key
          </button>
        )}
      </div>
      {mayAll === false && (
        <p>
          Keys are made and seen by tokens and keys of the scope{' '}
          <code>admin</code>: sign in with another one, or ask who runs this
          installation.
        </p>
      )}
      <Trouble query={query} />
      {mayAll !== false && data === undefined && query.error === null && (
        <p aria-busy="true">Loading…</p>
      )}
      {data?.length === 0 && (
        <p>No keys yet. A key lets a program in, and is revoked on its own.</p>
      )}
      {data !== undefined && data.length > 0 && (
        <ul className="rows" aria-label="API keys">
          {data.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={setRevoked} />
          ))}
        </ul>
      )}
      {data?.length === SHOWN && (
        <p className="faint">The newest {SHOWN} are shown.</p>
      )}
      {isNew && (
        <NewKeyDialog
          create={async (spec) => {
            const made = await keys.create(spec);
            void look();
            return made;
          }}
          onClose={close}
        />
      )}
      {revoked !== undefined && (
        <ConfirmDialog
          title={`Revoke ${revoked.name}?`}
          text="It is refused from now on, and its calls under way are cut within seconds. It cannot be brought back."
          verb="Revoke"
          act={async () => {
            await keys.revoke(revoked.id);
            await look();
          }}
          onClose={close}
        />
      )}
    </>
  );
}
