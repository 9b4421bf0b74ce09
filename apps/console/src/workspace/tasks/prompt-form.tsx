import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { AGENTS, keyIn } from './agents.ts';

/** Hands a prompt to an agent. */
export function PromptForm({
  isAtWork,
  onBegun,
}: {
  readonly isAtWork: boolean;
  readonly onBegun: (taskId: string) => void;
}) {
  const { sbx, details } = useWorkspace();
  const queries = useQueryClient();
  const [prompt, setPrompt] = useState('');
  const [agent, setAgent] = useState(AGENTS[0]);
  const [model, setModel] = useState('');
  const [key, setKey] = useState('');
  const [anew, setAnew] = useState(false);
  const known = keyIn(agent, details.envNames);
  const begin = useMutation({
    mutationFn: () =>
      sbx.tasks.run({
        prompt,
        agent: agent.name,
        ...(model.trim() !== '' && { model: model.trim() }),
        ...(key.trim() !== '' && { env: { [agent.key]: key.trim() } }),
        ...(anew && { continue: false }),
      }),
    onSuccess: async ({ id }) => {
      setPrompt('');
      onBegun(id);
      await queries.invalidateQueries({
        queryKey: workspaceKey(sbx.id, 'tasks'),
      });
    },
  });
  const isReady = prompt.trim() !== '' && !begin.isPending;
  const send = () => {
    if (isReady) begin.mutate();
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field
        label="What is to be built?"
        hint={
          isAtWork
            ? 'An agent is at work: this waits until it is done.'
            : 'Ctrl and Enter sends it.'
        }
      >
        {(tied) => (
          <textarea
            {...tied}
            rows={3}
            maxLength={262_144}
            value={prompt}
            onChange={({ target }) => {
              setPrompt(target.value);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey))
                return;
              event.preventDefault();
              send();
            }}
          />
        )}
      </Field>
      <div className="row">
        <label>
          <span className="unseen">Agent</span>
          <select
            value={agent.name}
            onChange={({ target }) => {
              const chosen = AGENTS.find(({ name }) => name === target.value);
              if (chosen !== undefined) setAgent(chosen);
            }}
          >
            {AGENTS.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="grow">
          <span className="unseen">Model</span>
          <input
            placeholder="Model: its own choice"
            value={model}
            onChange={({ target }) => {
              setModel(target.value);
            }}
          />
        </label>
        <button type="submit" className="primary" aria-disabled={!isReady}>
          {begin.isPending ? 'Sending…' : isAtWork ? 'Queue' : 'Build'}
        </button>
      </div>
      <details>
        <summary>
          {known === undefined
            ? `Needs a key: ${agent.key}`
            : `Key of the sandbox: ${known}`}
        </summary>
        <div className="stack">
          <Field
            label={agent.key}
            hint="For this task alone: kept encrypted, and erased when the task ends."
          >
            {(tied) => (
              <input
                {...tied}
                type="password"
                autoComplete="off"
                value={key}
                onChange={({ target }) => {
                  setKey(target.value);
                }}
              />
            )}
          </Field>
          <label>
            <input
              type="checkbox"
              checked={anew}
              onChange={({ target }) => {
                setAnew(target.checked);
              }}
            />{' '}
            Begin a new conversation, with nothing of the last one
          </label>
        </div>
      </details>
      {begin.error !== null && <Failure error={begin.error} />}
    </form>
  );
}
