import { emptyRequestSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { removedSchema } from '../http/job-answers.ts';
import { cancelWork } from '../http/cancel-job.ts';
import { accepted, commit, submit } from '../http/commit.ts';
import { known, living, sandboxIdOf } from '../http/params.ts';
import type { Call, Reply, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { sandboxView } from '../views.ts';
import { withJob } from './sandboxes.ts';
import {
  JOB_LINKS_EXAMPLE,
  SANDBOX_AT_WORK_EXAMPLE,
  SANDBOX_EXAMPLE,
} from '../examples.ts';

/** One that is queued already is answered again. */
function removal(kind: 'delete' | 'purge'): (call: Call) => Promise<Reply> {
  return (call) => {
    const { deps } = call;
    const id = sandboxIdOf(call);
    return commit(call, () => {
      const purgeable = kind === 'purge' && known(call, id).has_workspace;
      const sandbox = purgeable ? known(call, id) : living(call, id);
      const view = sandboxView(deps, sandbox);
      const queued = deps.store.jobs
        .mailbox(id)
        .find((job) => job.kind === 'purge' || job.kind === kind);
      if (queued !== undefined) return accepted(queued.id, view);
      cancelWork(call, sandbox);
      return accepted(submit(call, id, kind, {}), view);
    });
  };
}

const remove = route({
  method: 'delete',
  operationId: 'deleteSandbox',
  tag: 'Sandboxes',
  paths: both(),
  summary: 'Delete a sandbox and keep its workspace',
  answer: z.union([removedSchema, withJob]),
  example: { answer: SANDBOX_AT_WORK_EXAMPLE },
  statuses: [202, 200],
  handle: removal('delete'),
});

const purge = route({
  method: 'post',
  operationId: 'purgeSandbox',
  tag: 'Sandboxes',
  paths: both('/purge'),
  summary: 'Delete a sandbox and its workspace',
  body: emptyRequestSchema,
  answer: z.union([removedSchema, withJob]),
  example: {
    body: {},
    answer: {
      id: SANDBOX_EXAMPLE.id,
      freed_bytes: 48_231_424,
      ...JOB_LINKS_EXAMPLE,
    },
  },
  statuses: [202, 200],
  handle: removal('purge'),
});

export const REMOVAL_ROUTES: readonly Route[] = [remove, purge];
