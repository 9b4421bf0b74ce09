import type { SandboxId } from '@sandboxed/domain';
import {
  assertDeclarable,
  DomainError,
  emptyRequestSchema,
  MAX_SERVICES,
  serviceSpecSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { accepted, commit, submit } from '../http/commit.ts';
import { living, sandboxIdOf, sandboxOf } from '../http/params.ts';
import type { Call, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { askAgent, servicesView, servicesViewSchema } from '../service-view.ts';
import { refuseVanishing } from './sandboxes.ts';
import { readLogs } from './service-logs.ts';
import { missing, nameOf } from './service-name.ts';
import { JOB_LINKS_EXAMPLE, SANDBOX_EXAMPLE } from '../examples.ts';
import { acceptedJobSchema, endedJobSchema } from '../http/job-answers.ts';

const ACCEPTED_EXAMPLE = {
  name: 'web',
  sandbox_id: SANDBOX_EXAMPLE.id,
  kind: 'service',
  ...JOB_LINKS_EXAMPLE,
};

function undeclared(name: string): DomainError {
  return new DomainError(
    'service_not_found',
    `No service "${name}" was declared over the API. One of sandbox.yaml or of the app's own files goes when these change.`,
  );
}

/** Asks the worker for it, as the last part of a commit. */
function asked(
  call: Call,
  id: SandboxId,
  name: string,
  action: 'apply' | 'remove' | 'restart',
) {
  return accepted(submit(call, id, 'service', { name, action }), {
    name,
    sandbox_id: id,
    kind: 'service',
  });
}

const list = route({
  method: 'get',
  operationId: 'listServices',
  tag: 'Services',
  paths: both('/services'),
  summary:
    'List services with their state: declared ones, and those of sandbox.yaml or detected ones that run',
  answer: servicesViewSchema,
  example: {
    answer: {
      items: [
        {
          name: 'web',
          source: 'declared',
          command: 'npm run dev',
          port: 3000,
          env_names: [],
          status: 'running',
        },
      ],
    },
  },
  statuses: [200],
  async handle(call) {
    const { deps } = call;
    const sandbox = sandboxOf(call);
    const declared = deps.store.services.list(sandbox.id);
    const told = await askAgent(deps, sandbox);
    return { status: 200, body: servicesView(sandbox, declared, told) };
  },
});

const put = route({
  method: 'put',
  operationId: 'putService',
  tag: 'Services',
  paths: both('/services/{name}'),
  summary:
    'Declare a service: it is supervised and started again with the sandbox',
  body: serviceSpecSchema,
  example: {
    body: { command: 'npm run dev -- --host 0.0.0.0', port: 3000 },
    answer: ACCEPTED_EXAMPLE,
  },
  answer: z.union([endedJobSchema, acceptedJobSchema]),
  statuses: [202, 200],
  handle(call) {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    return commit(call, () => {
      const sandbox = living(call, id);
      refuseVanishing(sandbox, deps.store.jobs.mailbox(id));
      const others = deps.store.services
        .list(id)
        .filter((service) => service.name !== name);
      if (others.length >= MAX_SERVICES)
        throw new DomainError(
          'invalid_request',
          `A sandbox has at most ${MAX_SERVICES} services.`,
        );
      assertDeclarable(deps.store.sandboxes.env(id), [
        ...others,
        { name, spec: body },
      ]);
      deps.store.services.put(id, name, body, deps.now());
      deps.store.sandboxes.touch(id, deps.now());
      return asked(call, id, name, 'apply');
    });
  },
});

const remove = route({
  method: 'delete',
  operationId: 'removeService',
  tag: 'Services',
  paths: both('/services/{name}'),
  summary: 'Stop and forget a service',
  example: { answer: ACCEPTED_EXAMPLE },
  answer: z.union([endedJobSchema, acceptedJobSchema]),
  statuses: [202, 200],
  handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    return commit(call, () => {
      living(call, id);
      if (!deps.store.services.remove(id, name)) throw undeclared(name);
      return asked(call, id, name, 'remove');
    });
  },
});

const restart = route({
  method: 'post',
  operationId: 'restartService',
  tag: 'Services',
  paths: both('/services/{name}/restart'),
  summary: 'Restart a service',
  body: emptyRequestSchema,
  example: { body: {}, answer: ACCEPTED_EXAMPLE },
  answer: z.union([endedJobSchema, acceptedJobSchema]),
  statuses: [202, 200],
  async handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    const isDeclared = (): boolean =>
      deps.store.services.list(id).some((service) => service.name === name);
    const runs =
      isDeclared() ||
      (await askAgent(deps, living(call, id)))?.services.some(
        (service) => service.name === name,
      );
    return commit(call, () => {
      living(call, id);
      if (runs !== true && !isDeclared()) throw missing(name);
      return asked(call, id, name, 'restart');
    });
  },
});

export const SERVICE_ROUTES: readonly Route[] = [
  list,
  put,
  remove,
  restart,
  readLogs,
];
