import { useState } from 'react';
import { Link } from 'wouter';
import { Trouble } from '../live/trouble.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { spanOf } from '../ui/span.ts';
import { Status } from '../ui/status.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { JobFilters } from './job-filters.tsx';
import { isOver, tookMs } from './kinds.ts';
import type { JobFilter } from './use-jobs.ts';
import { PAGE, useJobs } from './use-jobs.ts';
import './jobs.css';

const ALL: JobFilter = { status: undefined, kind: undefined, sandboxId: '' };
const ID_LENGTH = 26;

/** What was asked of the installation, newest first. */
export function JobsPage() {
  const [filter, setFilter] = useState(ALL);
  const [wanted, setWanted] = useState(PAGE);
  const typed = filter.sandboxId.trim();
  // Until the id is whole, the API would refuse it at every letter.
  const isWhole = typed.length === ID_LENGTH;
  const sandboxId = isWhole ? typed : '';
  const query = useJobs({ ...filter, sandboxId }, wanted);
  const { data } = query;
  return (
    <>
      <PageTitle>Jobs</PageTitle>
      <JobFilters filter={filter} onChange={setFilter} />
      {typed !== '' && !isWhole && (
        <p className="faint">
          A sandbox id has {ID_LENGTH} letters and digits.
        </p>
      )}
      <Trouble query={query} />
      {query.isPending && <p aria-busy="true">Loading…</p>}
      {data?.items.length === 0 && (
        <p>
          No jobs. Whatever changes a sandbox is one: create one, or change the
          filter.
        </p>
      )}
      <ul className="jobs" aria-label="Jobs">
        {data?.items.map((job) => (
          <li key={job.id}>
            <Link to={`/jobs/${job.id}`} className="kind">
              {job.kind}
            </Link>
            <Status value={job.status} />
            <span className="faint">
              <TimeAgo at={job.created_at} />
              {isOver(job.status) && `, took ${spanOf(tookMs(job, 0))}`}
            </span>
            <span className="faint break">by {job.requested_by}</span>
            <Link to={`/sandboxes/${job.sandbox_id}`} className="break id">
              {job.sandbox_id}
            </Link>
            {job.status === 'failed' && job.error !== undefined && (
              <p className="problem break">{job.error.message}</p>
            )}
          </li>
        ))}
      </ul>
      {data !== undefined && data.next_cursor !== null && (
        <button
          type="button"
          onClick={() => {
            setWanted(wanted + PAGE);
          }}
          disabled={wanted >= 200}
        >
          {wanted >= 200 ? 'Filter to see earlier ones' : 'Show more'}
        </button>
      )}
    </>
  );
}
