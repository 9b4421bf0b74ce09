import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Service } from '@sandboxed/sdk';
import { useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { Status } from '../../ui/status.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { ServiceLog } from './service-log.tsx';

/** One service: what it runs, how it is, its log. */
export function ServiceCard({
  service: { name, command, port, status, source },
  isAwake,
}: {
  readonly service: Service;
  readonly isAwake: boolean;
}) {
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const [hasLog, setLog] = useState(false);
  const act = useMutation({
    mutationFn: (what: 'restart' | 'remove') => sbx.services[what](name),
    onSettled: () =>
      queries.invalidateQueries({ queryKey: workspaceKey(sbx.id, 'services') }),
  });
  const button = (what: 'restart' | 'remove', label: string) => (
    <button
      type="button"
      aria-label={`${label} ${name}`}
      aria-disabled={act.isPending}
      onClick={() => {
        if (!act.isPending) act.mutate(what);
      }}
    >
      {act.isPending && act.variables === what ? `${label}…` : label}
    </button>
  );
  return (
    <li className="card stack">
      <div className="row">
        <strong className="break">{name}</strong>
        <Status value={status} />
        <span className="faint small">
          {port === undefined ? '' : `port ${port} · `}
          {source}
        </span>
      </div>
      <code className="break">{command}</code>
      <div className="row">
        {button('restart', 'Restart')}
        {source === 'declared' && button('remove', 'Remove')}
        <button
          type="button"
          aria-expanded={hasLog}
          aria-label={`Log of ${name}`}
          onClick={() => {
            setLog(!hasLog);
          }}
        >
          Log
        </button>
      </div>
      {act.error !== null && <Failure error={act.error} />}
      {hasLog &&
        (isAwake ? (
          <ServiceLog name={name} />
        ) : (
          <p className="faint">The sandbox sleeps: start it to see its log.</p>
        ))}
    </li>
  );
}
