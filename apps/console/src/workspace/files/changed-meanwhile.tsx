import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSession } from '../../session/session.ts';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { readTextFile } from './text-file.ts';

/** Somebody else wrote the file that is to be saved: shows what, and lets one of both stay. */
export function ChangedMeanwhile({
  path,
  onTake,
  onKeep,
}: {
  readonly path: string;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}) {
  const [isSeen, setSeen] = useState(false);
  return (
    <div className="failure stack" role="alert">
      <p>{path} was changed since you opened it.</p>
      <p className="row">
        <button
          type="button"
          aria-expanded={isSeen}
          onClick={() => {
            setSeen(!isSeen);
          }}
        >
          See theirs
        </button>
        <button type="button" onClick={onTake}>
          Take theirs
        </button>
        <button type="button" className="danger" onClick={onKeep}>
          Keep mine
        </button>
      </p>
      {isSeen && <Theirs path={path} />}
    </div>
  );
}

function Theirs({ path }: { readonly path: string }) {
  const { client } = useSession();
  const { sbx } = useWorkspace();
  const { data, error, refetch } = useQuery({
    queryKey: workspaceKey(sbx.id, 'theirs', path),
    queryFn: ({ signal }) => readTextFile(client, sbx.id, path, signal),
    gcTime: 0,
  });
  if (error !== null)
    return <Failure error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <p aria-busy="true">Loading…</p>;
  return (
    <pre
      className="output theirs"
      role="region"
      tabIndex={0}
      aria-label={`Their text of ${path}`}
    >
      {data.text ?? 'It is no text any more.'}
    </pre>
  );
}
