import {
  emptyRequestSchema,
  JOB_KINDS,
  JOB_STATUSES,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { cancelJob } from '../http/cancel-job.ts';
import { commit } from '../http/commit.ts';
import { jobOf, ownOnly, pageQuerySchema } from '../http/params.ts';
import type { Route } from '../http/route.ts';
import { EVENT_STREAM, route } from '../http/route.ts';
import { resumeAfter, streamEvents } from '../http/sse.ts';
import { waitSeconds } from '../http/wait.ts';
import { jobView, jobViewSchema } from '../views.ts';
import { EVENTS_EXAMPLE, JOB_EXAMPLE } from '../examples.ts';

const read = route({
  method: 'get',
  operationId: 'getJob',
  tag: 'Jobs',
  paths: ['/v1/jobs/{id}'],
  summary: 'Read a job; `?wait=` holds until it ends',
  answer: jobViewSchema,
  example: { answer: JOB_EXAMPLE },
  waits: true,
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
  operationId: 'listJobs',
  tag: 'Jobs',
  paths: ['/v1/jobs'],
  summary: 'List jobs, newest first, without their results',
  query: pageQuerySchema.extend({
    sandbox_id: sandboxIdSchema
      .optional()
      .describe('Those of this sandbox alone.'),
    kind: z.enum(JOB_KINDS).optional().describe('Those of this kind alone.'),
    status: z
      .enum(JOB_STATUSES)
      .optional()
      .describe('Those in this state alone.'),
  }),
  answer: z.object({
    items: z.array(jobViewSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [JOB_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle(call) {
    const { deps, query } = call;
    const page = deps.store.jobs.list({
      ...ownOnly(call),
      limit: query.limit,
      ...(query.cursor !== undefined && { cursor: query.cursor }),
      ...(query.sandbox_id !== undefined && { sandboxId: query.sandbox_id }),
      ...(query.kind !== undefined && { kind: query.kind }),
      ...(query.status !== undefined && { status: query.status }),
    });
    return {
      status: 200,
      body: {
        items: page.items.map((job) => jobView({ ...job, result: null })),
        next_cursor: page.nextCursor ?? null,
      },
    };
  },
});

const cancel = route({
  method: 'post',
  operationId: 'cancelJob',
  tag: 'Jobs',
  paths: ['/v1/jobs/{id}/cancel'],
  summary:
    'Cancel a command, task or change; one that runs is asked to end (work on the sandbox itself is not cancellable)',
  body: emptyRequestSchema,
  answer: jobViewSchema,
  example: { body: {}, answer: JOB_EXAMPLE },
  statuses: [202],
  handle(call) {
    return commit(call, () => {
      cancelJob(call, jobOf(call));
      return { status: 202, body: jobView(jobOf(call)) };
    });
  },
});

const events = route({
  method: 'get',
  operationId: 'streamJobEvents',
  tag: 'Jobs',
  paths: ['/v1/jobs/{id}/events'],
  summary: "Stream a job's events to its end (SSE)",
  example: { answer: EVENTS_EXAMPLE },
  rawAnswer: [EVENT_STREAM],
  statuses: [200],
  async stream(call, response) {
    const job = jobOf(call);
    await streamEvents(call, response, { jobId: job.id }, resumeAfter(call));
  },
});

export const JOB_ROUTES: readonly Route[] = [read, list, cancel, events];
