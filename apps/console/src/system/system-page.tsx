import { Trouble } from '../live/trouble.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { Capacity } from './capacity.tsx';
import { Queues } from './queues.tsx';
import { UsageList } from './usage-list.tsx';
import { useSystem, useUsage } from './use-system.ts';
import { Versions } from './versions.tsx';
import { Warnings } from './warnings.tsx';
import { Workers } from './workers.tsx';
import './system.css';

/** How the installation is, for who may know; what one's tenant has, for everybody. */
export function SystemPage() {
  const query = useSystem();
  const { data } = query;
  const usage = useUsage();
  const isAdmin = data?.caller.scopes.includes('admin') === true;
  return (
    <>
      <PageTitle>System</PageTitle>
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {data !== undefined && !isAdmin && (
        <p className="note">
          Capacity, queues, workers and warnings are of all tenants together,
          and told to tokens and keys of the scope <code>admin</code>. Yours has{' '}
          {data.caller.scopes.map((scope) => (
            <code key={scope}>{scope} </code>
          ))}
          : sign in with another one to see them.
        </p>
      )}
      {isAdmin && <Warnings warnings={data.warnings} />}
      <div className="panels">
        {isAdmin && (
          <>
            <Capacity system={data} />
            <Queues system={data} />
            <Workers workers={data.workers ?? []} />
          </>
        )}
        {usage.data !== undefined && <UsageList {...usage.data} />}
        <Trouble query={usage} />
        {data !== undefined && <Versions system={data} />}
      </div>
    </>
  );
}
