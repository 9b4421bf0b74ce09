import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useSession } from '../session/session.ts';
import { Trouble } from '../live/trouble.tsx';
import { Failure } from '../ui/failure.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { Status } from '../ui/status.tsx';
import { isCancellable, isOver } from './kinds.ts';
import { Timings } from './timings.tsx';
import { told } from './told.ts';
import { JOBS } from './use-jobs.ts';
import './jobs.css';

const REFRESH_MS = 2_000;

/** One job: how it stands, where its time went, what came of it. */
export function JobPage({ id }: { readonly id: string }) {
  const { client } = useSession();
  const queries = useQueryClient();
  const params = { id };
  const query = useQuery({
    queryKey: [JOBS, id],
    queryFn: ({ signal }) =>
      client.json('get', '/v1/jobs/{id}', { params }, { signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isOver(state.data.status)
        ? false
        : REFRESH_MS,
  });
  const { data } = query;
  const cancel = useMutation({
    mutationFn: () =>
      client.json('post', '/v1/jobs/{id}/cancel', { params, body: {} }),
    onSettled: () => queries.invalidateQueries({ queryKey: [JOBS] }),
  });
  return (
    <>
      <PageTitle>Job</PageTitle>
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {data !== undefined && (
        <>
          <dl className="facts-list">
            <dt>Status</dt>
            <dd>
              <span role="status">
                <Status value={data.status} />
              </span>
            </dd>
            <dt>Kind</dt>
            <dd>{data.kind}</dd>
            <dt>Sandbox</dt>
            <dd className="break">
              <Link to={`/sandboxes/${data.sandbox_id}`}>
                {data.sandbox_id}
              </Link>
            </dd>
            <dt>Asked by</dt>
            <dd className="break">{data.requested_by}</dd>
            <dt>Asked at</dt>
            <dd>{new Date(data.created_at).toLocaleString()}</dd>
            <dt>Tries</dt>
            <dd>{data.attempts}</dd>
            <dt>Id</dt>
            <dd className="break">{data.id}</dd>
          </dl>
          {isCancellable(data) && (
            <button
              type="button"
              className="danger"
              aria-disabled={cancel.isPending}
              onClick={() => {
                if (!cancel.isPending) cancel.mutate();
              }}
            >
              Cancel
            </button>
          )}
          {cancel.error !== null && <Failure error={cancel.error} />}
          {data.error !== undefined && (
            <section>
              <h2>Why it did not succeed</h2>
              <p className="problem break">{data.error.message}</p>
              <p className="faint">
                <code>{data.error.code}</code>
                {data.error.retryable
                  ? ': the same, tried later, can succeed.'
                  : ': something must change before it is tried again.'}
              </p>
            </section>
          )}
          {data.timings !== undefined && <Timings timings={data.timings} />}
          {data.result !== undefined && data.result !== null && (
            <section>
              <h2>Result</h2>
              <pre tabIndex={0} aria-label="Result" className="result">
                {told(data.result)}
              </pre>
            </section>
          )}
        </>
      )}
    </>
  );
}
