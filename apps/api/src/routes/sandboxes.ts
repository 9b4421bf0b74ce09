import type { Letter, SandboxRecord } from '@sandboxed/domain';
import {
  activeWork,
  createRequestSchema,
  DEFAULT_LIMITS,
  DomainError,
  emptyRequestSchema,
  patchRequestSchema,
  stopRequestSchema,
  willRun,
  willVanish,
  labelsSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { sees } from '../http/access.ts';
import { cancelWork } from '../http/cancel-job.ts';
import { accepted, commit, submit } from '../http/commit.ts';
import { living, sandboxIdOf, sandboxOf } from '../http/params.ts';
import { parse } from '../http/body.ts';
import { beforeChange, refuseTooLarge } from '../http/quota.ts';
import type { ApiDeps, Call, Route } from '../http/route.ts';
import { both, EVENT_STREAM, route } from '../http/route.ts';
import { resumeAfter, streamEvents } from '../http/sse.ts';
import { claimId } from '../claim-member.ts';
import { diskView, diskViewSchema } from '../disk-view.ts';
import { liveFigures, liveFiguresSchema } from '../live-figures.ts';
import { guarded, putGuards, takeGuards } from '../previews/guards.ts';
import { shutAhead } from '../previews/shut-ahead.ts';
import { sandboxView, sandboxViewSchema } from '../views.ts';
import { keepalive } from './keepalive.ts';
import { listSandboxes } from './list-sandboxes.ts';
import {
  EVENTS_EXAMPLE,
  SANDBOX_AT_WORK_EXAMPLE,
  SANDBOX_EXAMPLE,
} from '../examples.ts';

/** A sandbox and the job that works on it. */
export const withJob = sandboxViewSchema.extend({
  /** Left out where there is nothing to do. */
  job_id: z.string().optional(),
  events_url: z.string().optional(),
});

/** A sandbox with what it has on disk, and what it does just now. */
export const sandboxDetailsSchema = sandboxViewSchema
  .extend({ disk: diskViewSchema, ...liveFiguresSchema.shape })
  .loose();

/** Leaves out what was not given, for optional fields that may not hold `undefined`. */
function given<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(
    ([, value]) => value !== undefined,
  );
  // Only `undefined` was taken out, key by key.
  return Object.fromEntries(entries) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

const create = route({
  method: 'post',
  operationId: 'createSandbox',
  tag: 'Sandboxes',
  paths: ['/v1/sandboxes', '/sandbox'],
  summary: 'Create a sandbox',
  body: createRequestSchema,
  answer: withJob,
  example: {
    body: { template: 'vite-react', labels: { team: 'web' } },
    answer: SANDBOX_AT_WORK_EXAMPLE,
  },
  statuses: [202, 201],
  handle(call) {
    const { deps, body } = call;
    const { config } = deps;
    const image = body.image ?? config.SANDBOXED_IMAGE;
    if (
      image !== config.SANDBOXED_IMAGE &&
      !config.SANDBOXED_IMAGES_ALLOWED.includes(image)
    )
      throw new DomainError(
        'image_not_allowed',
        `The image ${image} is not allowed here. Add it to SANDBOXED_IMAGES_ALLOWED.`,
        {
          fields: [
            { path: '/image', message: 'is not among the allowed images' },
          ],
        },
      );
    return commit(call, () => {
      const { id, generation } = claimId(deps, body, image);
      const earlier = deps.store.sandboxes.get(id);
      if (earlier !== undefined && sees(call, earlier.tenant))
        refuseWhileRemoved(deps, earlier);
      const tenant = tenantOfNew(call, earlier);
      const assertWithin = beforeChange(deps, tenant);
      const sandbox = deps.store.sandboxes.insert(
        {
          id,
          tenant,
          name: body.name ?? null,
          image,
          template: body.template ?? null,
          ports: body.ports,
          labels: body.labels,
          limits: { ...DEFAULT_LIMITS, ...given(body.limits) },
          idle_policy: body.idle_policy,
          idle_timeout_seconds:
            body.idle_timeout_seconds ?? config.SANDBOXED_IDLE_TIMEOUT_SECONDS,
          visibility: body.visibility,
          wake: body.wake,
          egress: body.egress,
          external: body.external,
        },
        body.env,
        {
          actor: call.actor,
          now: deps.now(),
          ...(generation !== undefined && { generation }),
        },
      );
      assertWithin();
      return accepted(
        submit(call, id, 'create', {}),
        sandboxView(deps, sandbox),
      );
    });
  },
});

const read = route({
  method: 'get',
  operationId: 'getSandbox',
  tag: 'Sandboxes',
  paths: both(),
  summary: 'Read a sandbox with its live figures',
  answer: sandboxDetailsSchema,
  example: { answer: SANDBOX_EXAMPLE },
  statuses: [200],
  async handle(call) {
    const sandbox = sandboxOf(call);
    return {
      status: 200,
      body: {
        ...sandboxView(call.deps, sandbox),
        ...diskView(call.deps, sandbox),
        ...(await liveFigures(call.deps, sandbox)),
      },
    };
  },
});

const patch = route({
  method: 'patch',
  operationId: 'updateSandbox',
  tag: 'Sandboxes',
  paths: both(),
  summary: 'Change a sandbox; limits apply live',
  body: patchRequestSchema,
  answer: sandboxViewSchema,
  example: {
    body: { labels: { team: null }, idle_timeout_seconds: 900 },
    answer: SANDBOX_EXAMPLE,
  },
  statuses: [200],
  async handle(call) {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    const reply = await commit(call, () => {
      const sandbox = living(call, id);
      const { labels, limits, ...rest } = body;
      // What saw a session while the preview was public may have kept it.
      if (
        body.visibility !== undefined &&
        body.visibility !== sandbox.visibility
      )
        deps.store.sandboxes.revokePreviews(id, deps.now());
      const merged = Object.entries({ ...sandbox.labels, ...labels }).filter(
        ([, value]) => value !== null,
      );
      const assertWithin = beforeChange(deps, sandbox.tenant);
      refuseTooLarge(deps, sandbox, limits?.memory_mb);
      const changed = deps.store.sandboxes.patch(
        id,
        {
          ...given(rest),
          ...(labels !== undefined && {
            labels: parse(labelsSchema, Object.fromEntries(merged), 'labels'),
          }),
          ...(limits !== undefined && {
            limits: { ...sandbox.limits, ...given(limits) },
          }),
        },
        deps.now(),
      );
      assertWithin();
      if (body.visibility === 'private') putGuards(deps, changed, deps.newId());
      if (limits !== undefined) submit(call, id, 'limits', {});
      return { status: 200, body: sandboxView(deps, changed) };
    });
    if (body.visibility === 'private') await guarded(deps, living(call, id));
    if (body.visibility === 'public') takeGuards(deps, living(call, id));
    return reply;
  },
});

const start = route({
  method: 'post',
  operationId: 'startSandbox',
  tag: 'Sandboxes',
  paths: [...both('/start'), '/wake/{id}'],
  summary: 'Start a sandbox; a running one is left as it is',
  body: emptyRequestSchema,
  answer: withJob,
  example: { body: {}, answer: SANDBOX_AT_WORK_EXAMPLE },
  statuses: [202, 200],
  handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    return commit(call, () => {
      const sandbox = living(call, id);
      const mailbox = deps.store.jobs.mailbox(id);
      refuseVanishing(sandbox, mailbox);
      const view = sandboxView(deps, sandbox);
      if (sandbox.state === 'running' && willRun(sandbox.state, mailbox))
        return { status: 200, body: view };
      return accepted(submit(call, id, 'start', {}), view);
    });
  },
});

const stop = route({
  method: 'post',
  operationId: 'stopSandbox',
  tag: 'Sandboxes',
  paths: both('/stop'),
  summary: 'Stop a sandbox; `force` ends its running work first',
  body: stopRequestSchema,
  answer: withJob,
  example: { body: { force: true }, answer: SANDBOX_AT_WORK_EXAMPLE },
  statuses: [202, 200],
  async handle(call) {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    const next: SandboxRecord[] = [];
    const reply = await commit(call, () => {
      const sandbox = living(call, id);
      const mailbox = deps.store.jobs.mailbox(id);
      refuseVanishing(sandbox, mailbox);
      const view = sandboxView(deps, sandbox);
      if (sandbox.state === 'stopped' && mailbox.length === 0)
        return { status: 200, body: view };
      const work = activeWork(mailbox);
      if (work.length > 0 && !body.force)
        throw new DomainError(
          'busy',
          `The sandbox has ${work.length} unfinished command(s). Wait for them, or stop with {"force": true}.`,
        );
      cancelWork(call, sandbox);
      if (sandbox.state === 'running' && mailbox.length === 0)
        next.push(sandbox);
      return accepted(submit(call, id, 'stop', { force: body.force }), view);
    });
    for (const sandbox of next) shutAhead(deps, sandbox);
    return reply;
  },
});

const events = route({
  method: 'get',
  operationId: 'streamSandboxEvents',
  tag: 'Sandboxes',
  paths: both('/events'),
  summary:
    "Stream a sandbox's own log: transitions, jobs, findings and disk warnings (SSE)",
  example: { answer: EVENTS_EXAMPLE },
  rawAnswer: [EVENT_STREAM],
  statuses: [200],
  async stream(call, response) {
    const sandbox = sandboxOf(call);
    await streamEvents(
      call,
      response,
      { sandboxId: sandbox.id },
      resumeAfter(call),
    );
  },
});

/** Nothing is queued behind a removal that could never run. Throws `sandbox_not_found`. */
export function refuseVanishing(
  sandbox: SandboxRecord,
  mailbox: readonly Letter[],
): void {
  if (willVanish(sandbox.state, mailbox))
    throw new DomainError(
      'sandbox_not_found',
      `Sandbox ${sandbox.id} is being deleted.`,
    );
}

/** An id stays its tenant's: the sandbox that an admin makes again is the tenant's once more, with its files and history. */
function tenantOfNew(
  call: Pick<Call, 'tenant' | 'scopes'>,
  earlier: SandboxRecord | undefined,
): string {
  return earlier !== undefined && sees(call, earlier.tenant)
    ? earlier.tenant
    : call.tenant;
}

/** A removal that is still queued would take the new sandbox of its id as well. Throws `busy`. */
function refuseWhileRemoved(
  { store }: ApiDeps,
  { id, state }: SandboxRecord,
): void {
  const mailbox = store.jobs.mailbox(id);
  if (mailbox.length > 0 && willVanish(state, mailbox))
    throw new DomainError(
      'busy',
      `The former sandbox ${id} is still being removed. Try again once that is done.`,
      { retryAfterSeconds: 1 },
    );
}

export const SANDBOX_ROUTES: readonly Route[] = [
  create,
  listSandboxes,
  read,
  patch,
  keepalive,
  start,
  stop,
  events,
];
