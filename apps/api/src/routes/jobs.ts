import {
  DomainError,
  emptyRequestSchema,
  JOB_KINDS,
  JOB_STATUSES,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { commit } from '../http/commit.ts';
import { jobIdOf, jobOf, pageQuerySchema } from '../http/params.ts';
import type { Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { resumeAfter, streamEvents } from '../http/sse.ts';
import { waitSeconds } from '../http/wait.ts';
import { jobView, jobViewSchema } from '../views.ts';

const read = route({
  method: 'get',
  paths: ['/v1/jobs/{id}'],
  summary: 'Read a job; `?wait=` holds until it ends',
  answer: jobViewSchema,
  statuses: [200],
  async handle(call) {
    const { deps } = call;
    const job = jobOf(call);
    const seconds = waitSeconds(call.request);
    const seen =
      seconds === undefined
        ? job
        : await deps.hub.waitFor(job.id, seconds, call.gone);
    return { status: 200, body: jobView(seen) };
  },
});

const list = route({
  method: 'get',
  paths: ['/v1/jobs'],
  summary: 'List jobs, newest first',
  query: pageQuerySchema.extend({
    sandbox_id: sandboxIdSchema.optional(),
    kind: z.enum(JOB_KINDS).optional(),
    status: z.enum(JOB_STATUSES).optional(),
  }),
  answer: z.object({
    items: z.array(jobViewSchema),
    next_cursor: z.string().nullable(),
  }),
  statuses: [200],
  handle({ deps, query }) {
    const page = deps.store.jobs.list({
      limit: query.limit,
      ...(query.cursor !== undefined && { cursor: query.cursor }),
      ...(query.sandbox_id !== undefined && { sandboxId: query.sandbox_id }),
      ...(query.kind !== undefined && { kind: query.kind }),
      ...(query.status !== undefined && { status: query.status }),
    });
    return {
      status: 200,
      body: {
        items: page.items.map(jobView),
        next_cursor: page.nextCursor ?? null,
      },
    };
  },
});

const cancel = route({
  method: 'post',
  paths: ['/v1/jobs/{id}/cancel'],
  summary: 'Cancel a job; one that runs is asked to end',
  body: emptyRequestSchema,
  answer: jobViewSchema,
  statuses: [202],
  handle(call) {
    const { deps, actor } = call;
    const id = jobIdOf(call);
    return commit(call, () => {
      jobOf(call);
      const outcome = deps.store.jobs.requestCancel(id, {
        actor,
        now: deps.now(),
      });
      const job = jobOf(call);
      if (outcome === 'finished')
        throw new DomainError(
          'job_finished',
          `Job ${id} has ${job.status} already.`,
        );
      if (outcome === 'requested')
        deps.bus.publishCancel(id).catch((error: unknown) => {
          deps.logger.debug(
            { err: error },
            'the worker sees the cancel at its next renewal',
          );
        });
      return { status: 202, body: jobView(job) };
    });
  },
});

const events = route({
  method: 'get',
  paths: ['/v1/jobs/{id}/events'],
  summary: "Stream a job's events to its end (SSE)",
  statuses: [200],
  async stream(call, response) {
    const job = jobOf(call);
    await streamEvents(call, response, { jobId: job.id }, resumeAfter(call));
  },
});

export const JOB_ROUTES: readonly Route[] = [read, list, cancel, events];
