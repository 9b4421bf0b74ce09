import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { inOrder, nameOf } from './tree.ts';

/** More are not shown in one directory. */
const SHOWN = 1_000;
const REFRESH_MS = 5_000;

/** What is in a directory; those in it are read once they are opened. */
export function Directory({
  path,
  chosen,
  onChoose,
}: {
  readonly path: string;
  readonly chosen: string | undefined;
  readonly onChoose: (path: string, type: string) => void;
}) {
  const { sbx } = useWorkspace();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const { data, error, refetch } = useQuery({
    queryKey: workspaceKey(sbx.id, 'files', path),
    queryFn: ({ signal }) => sbx.files.list(path, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (error !== null)
    return <Failure error={error} onAgain={() => void refetch()} />;
  const entries = inOrder(data?.entries ?? []);
  const toggle = (at: string) => {
    const next = new Set(opened);
    if (!next.delete(at)) next.add(at);
    setOpened(next);
  };
  return (
    <ul className="tree" aria-label={path === '' ? 'Files' : path}>
      {entries.slice(0, SHOWN).map(({ path: at, type }) => (
        <li key={at}>
          <button
            type="button"
            data-type={type}
            aria-expanded={type === 'directory' ? opened.has(at) : undefined}
            aria-current={at === chosen ? 'true' : undefined}
            onClick={() => {
              if (type === 'directory') toggle(at);
              onChoose(at, type);
            }}
          >
            {nameOf(at)}
          </button>
          {opened.has(at) && (
            <Directory path={at} chosen={chosen} onChoose={onChoose} />
          )}
        </li>
      ))}
      {data?.entries.length === 0 && <li className="faint">Nothing in it.</li>}
      {(data?.truncated === true || entries.length > SHOWN) && (
        <li className="faint">There are more than are shown.</li>
      )}
    </ul>
  );
}
