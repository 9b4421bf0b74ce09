import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { AddService } from './add-service.tsx';
import { ServiceCard } from './service-card.tsx';

const REFRESH_MS = 3_000;

/** What is kept running in the sandbox. */
export function ServicesPane() {
  const { sbx, details } = useWorkspace();
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: workspaceKey(sbx.id, 'services'),
    queryFn: ({ signal }) => sbx.services.list({ signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className="stack">
      <p className="row">
        <button
          type="button"
          onClick={() => {
            setAdding(true);
          }}
        >
          Add a service
        </button>
      </p>
      {error !== null && (
        <Failure error={error} onAgain={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <p className="faint">
          Nothing is kept running. What is in the app directory runs by itself
          once it is a known kind of app; anything else is added here.
        </p>
      )}
      <ul className="plain stack" aria-label="Services">
        {data?.map((service) => (
          <ServiceCard
            key={service.name}
            service={service}
            isAwake={details.status === 'running'}
          />
        ))}
      </ul>
      {isAdding && (
        <AddService
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </div>
  );
}
