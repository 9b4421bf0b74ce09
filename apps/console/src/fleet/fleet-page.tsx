import { Link } from 'wouter';
import { Failure } from '../ui/failure.tsx';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { useSandboxes } from './use-sandboxes.ts';

/** All sandboxes, as they are now. */
export function FleetPage() {
  const { data, error, isPending, refetch } = useSandboxes();
  return (
    <>
      <h1>Sandboxes</h1>
      {error && <Failure error={error} onAgain={() => void refetch()} />}
      {isPending && <p aria-busy="true">Loading…</p>}
      <ul className="cards">
        {data?.map(({ id, name, status, lastActiveAt }) => (
          <li key={id} className="card">
            <h2>
              <Link to={`/sandboxes/${id}`}>{name ?? id}</Link>
            </h2>
            <Status value={status} /> <TimeAgo at={lastActiveAt} />
          </li>
        ))}
      </ul>
    </>
  );
}
