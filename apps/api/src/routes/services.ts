import { AgentError } from '@sandboxed/agent';
import type { SandboxRecord } from '@sandboxed/domain';
import {
  DomainError,
  emptyRequestSchema,
  MAX_SERVICES,
  serviceNameSchema,
  serviceSpecSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { parse } from '../http/body.ts';
import { accepted, commit, submit } from '../http/commit.ts';
import { living, sandboxIdOf, sandboxOf } from '../http/params.ts';
import type { ApiDeps, Call, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { openStream, write } from '../http/sse.ts';
import { refuseVanishing } from './sandboxes.ts';

const AGENT_MS = 2_000;

const serviceView = z.looseObject({
  name: z.string(),
  command: z.string(),
  port: z.int().optional(),
  cwd: z.string().optional(),
  env_names: z.array(z.string()),
  status: z.string(),
});

function nameOf({ params }: Call): string {
  return parse(serviceNameSchema, params['name'], 'name');
}

function missing(name: string): DomainError {
  return new DomainError(
    'service_not_found',
    `No service "${name}" is declared here.`,
  );
}

/** What the agent says of its services; nothing when the sandbox sleeps or does not answer. */
async function liveStates({ agent }: ApiDeps, sandbox: SandboxRecord) {
  if (sandbox.state !== 'running') return [];
  const client = agent(sandbox.id);
  try {
    return await client.services({ signal: AbortSignal.timeout(AGENT_MS) });
  } catch (error) {
    if (
      error instanceof AgentError ||
      (error instanceof Error && error.name === 'TimeoutError')
    )
      return [];
    throw error;
  } finally {
    client.close();
  }
}

const list = route({
  method: 'get',
  paths: both('/services'),
  summary: 'List declared services with their state',
  answer: z.object({ items: z.array(serviceView) }),
  statuses: [200],
  async handle(call) {
    const { deps } = call;
    const sandbox = sandboxOf(call);
    const states = new Map(
      (await liveStates(deps, sandbox)).map((state) => [state.name, state]),
    );
    const items = deps.store.services.list(sandbox.id).map(({ name, spec }) => {
      const { env, ...shown } = spec;
      return {
        status: sandbox.state === 'running' ? 'starting' : 'stopped',
        ...states.get(name),
        name,
        ...shown,
        env_names: Object.keys(env).sort(),
      };
    });
    return { status: 200, body: { items } };
  },
});

const put = route({
  method: 'put',
  paths: both('/services/{name}'),
  summary:
    'Declare a service: it is supervised and started again with the sandbox',
  body: serviceSpecSchema,
  statuses: [202, 200],
  handle(call) {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    return commit(call, () => {
      const sandbox = living(deps, id);
      refuseVanishing(deps, sandbox);
      const others = deps.store.services
        .list(id)
        .filter((service) => service.name !== name);
      if (others.length >= MAX_SERVICES)
        throw new DomainError(
          'invalid_request',
          `A sandbox has at most ${MAX_SERVICES} services.`,
        );
      deps.store.services.put(id, name, body, deps.now());
      deps.store.sandboxes.touch(id, deps.now());
      return accepted(submit(call, id, 'service', { name, action: 'apply' }), {
        name,
        sandbox_id: id,
        kind: 'service',
      });
    });
  },
});

const remove = route({
  method: 'delete',
  paths: both('/services/{name}'),
  summary: 'Stop and forget a service',
  statuses: [202, 200],
  handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    return commit(call, () => {
      living(deps, id);
      if (!deps.store.services.remove(id, name)) throw missing(name);
      return accepted(submit(call, id, 'service', { name, action: 'remove' }), {
        name,
        sandbox_id: id,
        kind: 'service',
      });
    });
  },
});

const restart = route({
  method: 'post',
  paths: both('/services/{name}/restart'),
  summary: 'Restart a service',
  body: emptyRequestSchema,
  statuses: [202, 200],
  handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    return commit(call, () => {
      living(deps, id);
      if (
        !deps.store.services.list(id).some((service) => service.name === name)
      )
        throw missing(name);
      return accepted(
        submit(call, id, 'service', { name, action: 'restart' }),
        {
          name,
          sandbox_id: id,
          kind: 'service',
        },
      );
    });
  },
});

const logs = route({
  method: 'get',
  paths: both('/services/{name}/logs'),
  summary: 'The last lines a service wrote; `follow=true` goes on as SSE',
  query: z.object({
    tail: z.coerce.number().int().min(0).max(5_000).default(200),
    follow: z.enum(['true', 'false']).default('false'),
  }),
  statuses: [200],
  async stream(call, response) {
    const { deps, query, gone } = call;
    const sandbox = sandboxOf(call);
    const name = nameOf(call);
    if (
      !deps.store.services
        .list(sandbox.id)
        .some((service) => service.name === name)
    )
      throw missing(name);
    if (sandbox.state !== 'running')
      throw new DomainError(
        'sandbox_not_running',
        `The sandbox is ${sandbox.state}: start it to read the log of its services.`,
      );
    const follow = query.follow === 'true';
    const client = deps.agent(sandbox.id);
    try {
      let open = false;
      const frames = client.serviceLogs(name, {
        tail: Math.max(1, query.tail),
        follow,
        signal: gone,
      });
      for await (const { text } of frames) {
        if (!open) {
          if (follow) openStream(response);
          else response.status(200).type('text/plain; charset=utf-8');
          open = true;
        }
        const piece = follow
          ? `event: log\ndata: ${JSON.stringify({ text })}\n\n`
          : text;
        if (!(await write(response, piece, gone))) return;
      }
      response.end();
    } catch (error) {
      if (gone.aborted) return;
      if (!(error instanceof AgentError)) throw error;
      if (response.headersSent) response.end();
      else
        throw error.code === 'agent_not_found'
          ? missing(name)
          : new DomainError(
              'agent_unreachable',
              'The sandbox does not answer.',
              { cause: error },
            );
    } finally {
      client.close();
    }
  },
});

export const SERVICE_ROUTES: readonly Route[] = [
  list,
  put,
  remove,
  restart,
  logs,
];
