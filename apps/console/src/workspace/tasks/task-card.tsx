import { useMutation } from '@tanstack/react-query';
import type { Task } from '@sandboxed/sdk';
import { Failure } from '../../ui/failure.tsx';
import { Status } from '../../ui/status.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { useWorkspace } from '../use-workspace.ts';
import { TaskEnd } from './task-end.tsx';
import { TaskStory } from './task-story.tsx';

/** One task: what was asked for, and once opened what it tells and how it ended. */
export function TaskCard({
  task,
  isOpen,
  onToggle,
}: {
  readonly task: Task;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}) {
  const { sbx } = useWorkspace();
  const { id, prompt, status, agent, createdAt, error } = task;
  const cancel = useMutation({
    mutationFn: () => sbx.tasks.attach(id).cancel(),
  });
  const isUnderWay = status === 'queued' || status === 'running';
  return (
    <li className="card task">
      <button
        type="button"
        className="task-head"
        aria-expanded={isOpen}
        onClick={() => {
          onToggle(!isOpen);
        }}
      >
        <span className="task-prompt">{prompt}</span>
        <span className="faint small">
          <Status value={status} /> {agent} · <TimeAgo at={createdAt} />
        </span>
      </button>
      {isOpen && (
        <div className="stack">
          <TaskStory taskId={id} />
          {isUnderWay && (
            <p className="row">
              <button
                type="button"
                className="danger"
                aria-disabled={cancel.isPending}
                onClick={() => {
                  if (!cancel.isPending) cancel.mutate();
                }}
              >
                {cancel.isPending ? 'Cancelling…' : 'Cancel'}
              </button>
            </p>
          )}
          {cancel.error !== null && <Failure error={cancel.error} />}
          {error !== undefined && (
            <div className="failure">
              <p>{error.message}</p>
            </div>
          )}
          {!isUnderWay && <TaskEnd task={task} />}
        </div>
      )}
    </li>
  );
}
