import type { JobRecord } from '@sandboxed/domain';
import { isFinished } from '@sandboxed/domain';
import { z } from 'zod';
import { taskView } from '../task-view.ts';
import { sandboxView } from '../views.ts';
import { failureOf } from './problem.ts';
import type { ApiDeps, Reply } from './route.ts';

const resultSchema = z.record(z.string(), z.unknown()).catch({});

/** What a held call answers once its job ended: the finished resource or result. Undefined while it runs. Throws the job's failure. */
export function finishedReply(
  deps: Pick<ApiDeps, 'store' | 'origin'>,
  job: JobRecord,
): Reply | undefined {
  if (!isFinished(job.status)) return undefined;
  // How a task ended is what its result tells.
  if (job.kind === 'task')
    return {
      status: 200,
      body: taskView(job),
      headers: { 'Preference-Applied': 'wait' },
    };
  if (job.error !== null) throw failureOf(job.error);
  const result = resultSchema.parse(job.result);
  const more = { job_id: job.id, events_url: `/v1/jobs/${job.id}/events` };
  const ended = (body: object): Reply => ({
    status: job.kind === 'create' ? 201 : 200,
    body,
    headers: { 'Preference-Applied': 'wait' },
  });
  switch (job.kind) {
    case 'create':
    case 'start':
    case 'stop':
    case 'limits': {
      const sandbox = deps.store.sandboxes.get(job.sandbox_id);
      return ended({
        ...(sandbox === undefined ? {} : sandboxView(deps, sandbox)),
        ...more,
      });
    }
    case 'delete':
    case 'purge':
      return ended({ id: job.sandbox_id, ...result, ...more });
    case 'exec':
    case 'service':
    case 'revert':
      return ended({
        ...result,
        sandbox_id: job.sandbox_id,
        kind: job.kind,
        status: job.status,
        ...more,
      });
  }
}
