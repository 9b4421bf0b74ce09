import type { JobRecord } from '@sandboxed/domain';
import {
  DomainError,
  emptyRequestSchema,
  isFinished,
  JOB_STATUSES,
  taskRequestSchema,
  willRun,
} from '@sandboxed/domain';
import { z } from 'zod';
import { cancelJob } from '../http/cancel-job.ts';
import { accepted, commit, submit } from '../http/commit.ts';
import { diskRoom } from '../http/disk-room.ts';
import {
  jobIdOf,
  known,
  living,
  pageQuerySchema,
  sandboxIdOf,
} from '../http/params.ts';
import type { ApiDeps, Call, Reply, Route } from '../http/route.ts';
import { both, EVENT_STREAM, route } from '../http/route.ts';
import { resumeAfter, streamEvents } from '../http/sse.ts';
import { taskLine, taskView, taskViewSchema } from '../task-view.ts';
import { refuseVanishing } from './sandboxes.ts';
import {
  EVENTS_EXAMPLE,
  JOB_LINKS_EXAMPLE,
  TASK_EXAMPLE,
} from '../examples.ts';
import { acceptedJobSchema, endedJobSchema } from '../http/job-answers.ts';

/** The task of the path, which outlives its sandbox. Throws `sandbox_not_found`, `task_not_found`. */
function taskOf(call: Call): JobRecord {
  const sandboxId = known(call, sandboxIdOf(call)).id;
  const id = jobIdOf(call, 'taskId');
  const job = call.deps.store.jobs.get(id);
  if (job?.kind === 'task' && job.sandbox_id === sandboxId) return job;
  throw new DomainError(
    'task_not_found',
    `Sandbox ${sandboxId} has no task ${id}. Finished tasks are kept for SANDBOXED_HISTORY_DAYS at most.`,
  );
}

function runsOrWillRun(deps: ApiDeps, call: Call): void {
  const id = sandboxIdOf(call);
  const sandbox = living(call, id);
  const mailbox = deps.store.jobs.mailbox(id);
  refuseVanishing(sandbox, mailbox);
  if (!willRun(sandbox.state, mailbox)) submit(call, id, 'start', {});
  deps.store.sandboxes.touch(id, deps.now());
}

const create = route({
  method: 'post',
  operationId: 'createTask',
  tag: 'Tasks',
  paths: both('/tasks'),
  summary:
    'Hand a prompt to a coding agent; a stopped sandbox is started first',
  body: taskRequestSchema,
  query: z.object({
    if_busy: z
      .enum(['queue', 'reject'])
      .default('queue')
      .describe(
        'While another task is at work there: `queue` waits behind it, `reject` answers 409.',
      ),
  }),
  answer: taskViewSchema,
  example: {
    body: { agent: 'claude-code', prompt: 'Build a to-do list.' },
    answer: TASK_EXAMPLE,
  },
  statuses: [202, 200],
  handle(call): Promise<Reply> {
    const { deps, body, query } = call;
    const id = sandboxIdOf(call);
    const { env, ...payload } = body;
    return commit(call, () => {
      // An agent writes from its first step on.
      diskRoom(deps, living(call, id));
      runsOrWillRun(deps, call);
      const ahead = deps.store.jobs
        .mailbox(id)
        .find(({ kind }) => kind === 'task' || kind === 'revert');
      if (query.if_busy === 'reject' && ahead !== undefined)
        throw new DomainError(
          'task_in_progress',
          `The sandbox is at work on ${ahead.id}. Wait for it, or leave out if_busy to queue behind it.`,
        );
      const job = submit(call, id, 'task', payload, { env });
      const { job_id: _same, ...view } = taskView(jobOf(deps, job));
      return accepted(job, view);
    });
  },
});

function jobOf({ store }: ApiDeps, id: JobRecord['id']): JobRecord {
  const job = store.jobs.get(id);
  if (job !== undefined) return job;
  throw new DomainError('task_not_found', `There is no task ${id}.`);
}

const list = route({
  method: 'get',
  operationId: 'listTasks',
  tag: 'Tasks',
  paths: both('/tasks'),
  summary:
    "List a sandbox's tasks, newest first, without their results and with the beginning of their prompts",
  query: pageQuerySchema.extend({
    status: z
      .enum(JOB_STATUSES)
      .optional()
      .describe('Those in this state alone.'),
  }),
  answer: z.object({
    items: z.array(taskViewSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [TASK_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle(call) {
    const { deps, query } = call;
    const { items, nextCursor } = deps.store.jobs.list({
      sandboxId: known(call, sandboxIdOf(call)).id,
      kind: 'task',
      limit: query.limit,
      ...(query.cursor !== undefined && { cursor: query.cursor }),
      ...(query.status !== undefined && { status: query.status }),
    });
    return {
      status: 200,
      body: { items: items.map(taskLine), next_cursor: nextCursor ?? null },
    };
  },
});

const read = route({
  method: 'get',
  operationId: 'getTask',
  tag: 'Tasks',
  paths: both('/tasks/{taskId}'),
  summary: 'Read a task, with its result once it has ended',
  answer: taskViewSchema,
  example: { answer: TASK_EXAMPLE },
  statuses: [200],
  handle: (call) => ({ status: 200, body: taskView(taskOf(call)) }),
});

const events = route({
  method: 'get',
  operationId: 'streamTaskEvents',
  tag: 'Tasks',
  paths: both('/tasks/{taskId}/events'),
  summary: 'Stream what the agent does, to its end (SSE)',
  example: { answer: EVENTS_EXAMPLE },
  rawAnswer: [EVENT_STREAM],
  statuses: [200],
  async stream(call, response) {
    const { id } = taskOf(call);
    await streamEvents(call, response, { jobId: id }, resumeAfter(call));
  },
});

const cancel = route({
  method: 'post',
  operationId: 'cancelTask',
  tag: 'Tasks',
  paths: both('/tasks/{taskId}/cancel'),
  summary: 'Cancel a task; its agent ends within 10 s',
  body: emptyRequestSchema,
  answer: taskViewSchema,
  example: { body: {}, answer: TASK_EXAMPLE },
  // A repeated call that is held answers the task as it ended.
  statuses: [202, 200],
  handle: (call) =>
    commit(call, () => {
      cancelJob(call, taskOf(call));
      return { status: 202, body: taskView(taskOf(call)) };
    }),
});

const revert = route({
  method: 'post',
  operationId: 'revertTask',
  tag: 'Tasks',
  paths: both('/tasks/{taskId}/revert'),
  summary: 'Bring the app directory back to the state before a task',
  body: emptyRequestSchema,
  example: {
    body: {},
    answer: {
      task_id: TASK_EXAMPLE.id,
      sandbox_id: TASK_EXAMPLE.sandbox_id,
      kind: 'revert',
      ...JOB_LINKS_EXAMPLE,
    },
  },
  answer: z.union([endedJobSchema, acceptedJobSchema]),
  statuses: [202, 200],
  handle(call) {
    const { deps } = call;
    return commit(call, () => {
      const task = taskOf(call);
      if (!isFinished(task.status))
        throw new DomainError(
          'task_in_progress',
          `Task ${task.id} is not over. Cancel it first, or wait.`,
        );
      runsOrWillRun(deps, call);
      return accepted(
        submit(call, task.sandbox_id, 'revert', { task_id: task.id }),
        { task_id: task.id, sandbox_id: task.sandbox_id, kind: 'revert' },
      );
    });
  },
});

export const TASK_ROUTES: readonly Route[] = [
  create,
  list,
  read,
  events,
  cancel,
  revert,
];
