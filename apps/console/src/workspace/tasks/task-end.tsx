import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Task } from '@sandboxed/sdk';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { spanOf } from '../../ui/span.ts';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';

/** Of a task's changed files, so many are named. */
const FILES_SHOWN = 100;

/** How a task ended, what it changed, and the way back to before it. */
export function TaskEnd({ task }: { readonly task: Task }) {
  const { sbx } = useWorkspace();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: workspaceKey(sbx.id, 'task', task.id),
    queryFn: async ({ signal }) =>
      (await sbx.tasks.get(task.id, { signal })).result ?? null,
  });
  const revert = useMutation({
    mutationFn: () => sbx.tasks.revert(task.id),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: workspaceKey(sbx.id, 'files') }),
  });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined || data === null) return null;
  const { filesChanged, costUsd, tokens, errorMessage } = data;
  return (
    <div className="stack" role="group" aria-label="How it ended">
      {errorMessage !== undefined && (
        <div className="failure">
          <p>{errorMessage}</p>
        </div>
      )}
      <p className="faint">
        {[
          spanOf(data.durationMs),
          `build ${data.buildStatus}`,
          `preview ${data.preview.status}`,
          `${tokens.total.toLocaleString()} tokens`,
          ...(costUsd === undefined ? [] : [`${costUsd.toFixed(2)} USD`]),
        ].join(' · ')}
      </p>
      {filesChanged.length > 0 && (
        <details>
          <summary>
            {data.filesTruncated === true ? 'More than ' : ''}
            {filesChanged.length === 1
              ? '1 changed file'
              : `${filesChanged.length} changed files`}
          </summary>
          <ul className="plain">
            {filesChanged.slice(0, FILES_SHOWN).map(({ path, change }) => (
              <li key={path} className="break">
                <code>{path}</code> <span className="faint">{change}</span>
              </li>
            ))}
          </ul>
          {filesChanged.length > FILES_SHOWN && (
            <p className="faint">The first {FILES_SHOWN} are named.</p>
          )}
        </details>
      )}
      {data.checkpointId !== undefined && (
        <p className="row">
          <button
            type="button"
            aria-disabled={revert.isPending}
            onClick={() => {
              if (!revert.isPending) setAsking(true);
            }}
          >
            {revert.isPending ? 'Going back…' : 'Back to before this'}
          </button>
          <span role="status">
            {revert.isSuccess && 'The files are as they were before it.'}
          </span>
        </p>
      )}
      {revert.error !== null && <Failure error={revert.error} />}
      {isAsking && (
        <Dialog
          title="Back to before this task?"
          onClose={() => {
            setAsking(false);
          }}
        >
          <p>
            The app directory becomes what it was before this task. What was
            changed in it since then, by anybody, is lost.
          </p>
          <div className="actions">
            <button
              type="button"
              onClick={() => {
                setAsking(false);
              }}
            >
              Leave it
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => {
                setAsking(false);
                revert.mutate();
              }}
            >
              Go back
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
