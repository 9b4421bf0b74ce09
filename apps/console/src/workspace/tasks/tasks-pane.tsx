import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { firstOf } from '../../live/first-of.ts';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { PromptForm } from './prompt-form.tsx';
import { TaskCard } from './task-card.tsx';
import './tasks.css';

/** More than these are not listed. */
const SHOWN = 50;

/** What agents were asked for here: a prompt for the next, the one at work, and those before, to go back to. */
export function TasksPane() {
  const { sbx } = useWorkspace();
  const [opened, setOpened] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: workspaceKey(sbx.id, 'tasks'),
    queryFn: ({ signal }) => firstOf(sbx.tasks.list({ signal }), SHOWN),
  });
  const atWork = data?.find(({ status }) => status === 'running');
  const shown = opened ?? atWork?.id ?? data?.[0]?.id;
  return (
    <div className="stack">
      <PromptForm isAtWork={atWork !== undefined} onBegun={setOpened} />
      {error !== null && (
        <Failure error={error} onAgain={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <p className="faint">
          Nothing was asked for yet. Say what you want above, and watch it being
          built.
        </p>
      )}
      <ol className="plain stack" aria-label="Tasks, newest first">
        {data?.map((task) => (
          <TaskCard
            key={task.id}
            task={task}
            isOpen={task.id === shown}
            onToggle={(isOpen) => {
              setOpened(isOpen ? task.id : '');
            }}
          />
        ))}
      </ol>
      {data?.length === SHOWN && (
        <p className="faint">The newest {SHOWN} are shown.</p>
      )}
    </div>
  );
}
