import { Link, useLocation } from 'wouter';
import { LifeButtons } from '../fleet/life-buttons.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { sizeOfMb, toMb } from '../ui/size.ts';
import { Status } from '../ui/status.tsx';
import { useWorkspace } from './use-workspace.ts';

/** What sandbox this is, how it is, and what can be done to it as a whole. */
export function WorkspaceHeader() {
  const { details } = useWorkspace();
  const { id, name, status, figures, limits, error } = details;
  const [, navigate] = useLocation();
  return (
    <>
      <div className="bar">
        <PageTitle>{name ?? id}</PageTitle>
        <LifeButtons
          id={id}
          title={name ?? id}
          status={status}
          onGone={() => {
            navigate('/');
          }}
        />
      </div>
      <div className="workspace-facts">
        <span role="status">
          <Status value={status} />
        </span>
        {figures !== undefined && (
          <>
            <p>
              <span className="faint">Memory</span>{' '}
              {sizeOfMb(toMb(figures.memoryBytes))} of{' '}
              {sizeOfMb(limits.memoryMb)}
            </p>
            <p>
              <span className="faint">CPU</span>{' '}
              {Math.round(figures.cpuPercent)} %
            </p>
          </>
        )}
        <p className="faint">
          Id <code className="break">{id}</code>{' '}
          <CopyButton text={id} what="the id" />
        </p>
        <Link to={`/jobs?sandbox=${id}`}>Its jobs</Link>
      </div>
      {error !== undefined && (
        <div className="failure">
          <p>{error.message}</p>
        </div>
      )}
    </>
  );
}
