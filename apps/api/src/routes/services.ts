import type { ServiceState } from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import type { AppFacts, SandboxRecord, ServiceSource } from '@sandboxed/domain';
import {
  DomainError,
  emptyRequestSchema,
  MAX_SERVICES,
  NO_FACTS,
  planApp,
  SERVICE_SOURCES,
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
  source: z.enum(SERVICE_SOURCES),
  env_names: z.array(z.string()),
  status: z.string(),
});

function nameOf({ params }: Call): string {
  return parse(serviceNameSchema, params['name'], 'name');
}

function missing(name: string): DomainError {
  return new DomainError(
    'service_not_found',
    `There is no service "${name}" here.`,
  );
}

function undeclared(name: string): DomainError {
  return new DomainError(
    'service_not_found',
    `No service "${name}" was declared over the API. One of sandbox.yaml or of the app's own files goes when these change.`,
  );
}

/** What the agent says of its services and of the app; nothing when the sandbox sleeps or does not answer. */
async function askAgent(
  { agent }: ApiDeps,
  sandbox: SandboxRecord,
): Promise<{ services: ServiceState[]; facts: AppFacts } | undefined> {
  if (sandbox.state !== 'running') return undefined;
  const client = agent(sandbox.id);
  const signal = AbortSignal.timeout(AGENT_MS);
  try {
    const [services, facts] = await Promise.all([
      client.services({ signal }),
      client.app({ signal }).catch(factsUnknown),
    ]);
    return { services, facts };
  } catch (error) {
    if (
      error instanceof AgentError ||
      (error instanceof Error && error.name === 'TimeoutError')
    )
      return undefined;
    throw error;
  } finally {
    client.close();
  }
}

/** An agent that is older than the question. */
function factsUnknown(error: unknown): AppFacts {
  if (error instanceof AgentError && error.code === 'agent_not_found')
    return NO_FACTS;
  throw error;
}

const sourceSchema = z.enum(SERVICE_SOURCES).catch('declared');

const list = route({
  method: 'get',
  paths: both('/services'),
  summary:
    'List services with their state: declared ones, and those of sandbox.yaml or detected ones that run',
  answer: z.object({
    items: z.array(serviceView),
    /** What keeps sandbox.yaml or package.json from being understood. */
    problem: z.string().optional(),
  }),
  statuses: [200],
  async handle(call) {
    const { deps } = call;
    const sandbox = sandboxOf(call);
    const told = await askAgent(deps, sandbox);
    const declared = deps.store.services.list(sandbox.id);
    const plan = planApp(told?.facts ?? NO_FACTS, declared);
    const running = new Map(
      told?.services.map((state) => [state.name, state]) ?? [],
    );
    const own = declared.map(({ name, spec }) => {
      const state = running.get(name);
      const { env, ...shown } = spec;
      // A service of the manifest that took this name is shown below in its place.
      if (state !== undefined && sourceOf(state) !== 'declared')
        return undefined;
      return {
        status: plan.overridden.includes(name)
          ? 'overridden'
          : sandbox.state === 'running'
            ? 'starting'
            : 'stopped',
        ...state,
        name,
        ...shown,
        source: 'declared',
        env_names: Object.keys(env).sort(),
      };
    });
    const found = [...running.values()]
      .filter((state) => sourceOf(state) !== 'declared')
      .map((state) => ({
        ...state,
        source: sourceOf(state),
        env_names: Object.keys(
          plan.services.find(({ name }) => name === state.name)?.env ?? {},
        ).sort(),
      }));
    const items = [...own.filter((item) => item !== undefined), ...found].sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    );
    return {
      status: 200,
      body: {
        items,
        ...(plan.problem !== undefined && { problem: plan.problem }),
      },
    };
  },
});

function sourceOf({ source }: ServiceState): ServiceSource {
  return sourceSchema.parse(source);
}

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
      if (!deps.store.services.remove(id, name)) throw undeclared(name);
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
  async handle(call) {
    const { deps } = call;
    const id = sandboxIdOf(call);
    const name = nameOf(call);
    const isDeclared = (): boolean =>
      deps.store.services.list(id).some((service) => service.name === name);
    const runs =
      isDeclared() ||
      (await askAgent(deps, living(deps, id)))?.services.some(
        (service) => service.name === name,
      );
    return commit(call, () => {
      living(deps, id);
      if (runs !== true && !isDeclared()) throw missing(name);
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
