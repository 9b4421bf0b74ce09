import * as z from 'zod';
import { AGENT_LIMITS } from '../limits.ts';
import {
  type AgentHealth,
  type AppFacts,
  bootSchema,
  portSchema,
  processIdSchema,
  type ProcessState,
  logPositionSchema,
  serviceNameSchema,
  serviceSpecSchema,
  signalRequestSchema,
  startProcessSchema,
} from '../protocol.ts';
import { connectedPorts, readTcpTables } from './connected-ports.ts';
import { type Call, parse, type Route } from './http.ts';
import { portReachable, waitForPort } from './ports.ts';
import { probeHttp } from './probe-http.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import type { Processes } from './processes.ts';
import type { Services } from './services.ts';

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((value) => value === '1');
const integer = (max: number) => z.coerce.number().int().min(0).max(max);
const healthQuery = z.object({ app: flag });
const startQuery = z.object({ follow: flag });
const outputQuery = z.object({
  offset: integer(Number.MAX_SAFE_INTEGER).default(0),
  follow: flag,
});
const logQuery = z.object({
  tail: integer(AGENT_LIMITS.logTailLines).default(200),
  after: logPositionSchema.optional(),
  follow: flag,
});
const portQuery = z.object({
  timeout_ms: integer(AGENT_LIMITS.waitPortMs).default(0),
});

const probeQuery = z.object({
  path: z.string().max(2_048).startsWith('/').default('/'),
  timeout_ms: integer(AGENT_LIMITS.waitPortMs).default(5_000),
});

const PROCESS = '^/v1/processes/([^/]+)';
const SERVICE = '^/v1/services/([^/]+)';

/** What the routes speak for. */
export type RouteDeps = {
  readonly health: () => AgentHealth;
  readonly onBoot: () => void;
  readonly onEnd: () => void;
  readonly app: () => AppFacts;
  /** Fills the app directory from a template. Throws a Refusal. */
  readonly copyTemplate: (name: string) => void;
  readonly environment: ProcessEnvironment;
  readonly processes: Processes;
  readonly services: Services;
};

/** The agent's protocol, as a table of routes. */
export function createRoutes(deps: RouteDeps): readonly Route[] {
  return [...lifeRoutes(deps), ...processRoutes(deps), ...serviceRoutes(deps)];
}

function lifeRoutes(deps: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/v1\/health$/,
      answer({ query }) {
        const { app } = queryOf(healthQuery, query);
        return { json: { ...deps.health(), ...(app && { app: deps.app() }) } };
      },
    },
    {
      method: 'POST',
      pattern: /^\/v1\/boot$/,
      async answer({ body }) {
        const boot = parse(bootSchema, body());
        deps.environment.setBootEnv(boot.env);
        if (boot.template !== undefined) deps.copyTemplate(boot.template);
        await deps.services.replace(boot.services);
        deps.onBoot();
        return { json: {} };
      },
    },
    {
      method: 'POST',
      pattern: /^\/v1\/end$/,
      answer() {
        // Once the answer is on its way.
        setImmediate(deps.onEnd);
        return { json: {} };
      },
    },
    {
      method: 'GET',
      pattern: /^\/v1\/app$/,
      answer: () => ({ json: deps.app() }),
    },
    {
      method: 'GET',
      pattern: /^\/v1\/connections$/,
      answer: () => ({
        json: {
          ports: connectedPorts(readTcpTables()).slice(
            0,
            AGENT_LIMITS.connectedPorts,
          ),
        },
      }),
    },
    {
      method: 'GET',
      pattern: /^\/v1\/ports\/([0-9]+)$/,
      answer({ params, query }) {
        const port = parse(portSchema, Number(params[0]));
        const { timeout_ms: timeoutMs } = queryOf(portQuery, query);
        return waitForPort(port, {
          timeoutMs,
          signal: new AbortController().signal,
          check: portReachable,
        }).then((open) => ({ json: { open } }));
      },
    },
    {
      method: 'GET',
      pattern: /^\/v1\/ports\/([0-9]+)\/http$/,
      async answer({ params, query }) {
        const port = parse(portSchema, Number(params[0]));
        const { path, timeout_ms: timeoutMs } = queryOf(probeQuery, query);
        return { json: await probeHttp(port, path, timeoutMs) };
      },
    },
  ];
}

function processRoutes({ processes }: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/v1\/processes$/,
      answer: () => ({ json: processes.list() }),
    },
    {
      method: 'POST',
      pattern: /^\/v1\/processes$/,
      async answer({ body, query }) {
        const { follow } = queryOf(startQuery, query);
        const request = parse(startProcessSchema, body());
        const { state, created } = await processes.start(request);
        return follow
          ? { open: (signal) => startedThenOutput(processes, state, signal) }
          : { status: created ? 201 : 200, json: state };
      },
    },
    {
      method: 'GET',
      pattern: new RegExp(`${PROCESS}$`),
      answer: (call) => ({ json: processes.get(idOf(call)) }),
    },
    {
      method: 'DELETE',
      pattern: new RegExp(`${PROCESS}$`),
      answer(call) {
        processes.forget(idOf(call));
        return { json: {} };
      },
    },
    {
      method: 'GET',
      pattern: new RegExp(`${PROCESS}/output$`),
      answer(call) {
        const options = queryOf(outputQuery, call.query);
        return {
          open: (signal) =>
            processes.output(idOf(call), { ...options, signal }),
        };
      },
    },
    {
      method: 'POST',
      pattern: new RegExp(`${PROCESS}/signal$`),
      answer(call) {
        const { signal } = parse(signalRequestSchema, call.body());
        return { json: processes.signal(idOf(call), signal) };
      },
    },
  ];
}

async function* startedThenOutput(
  processes: Processes,
  state: ProcessState,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | string> {
  yield `${JSON.stringify({ type: 'started', state })}\n`;
  yield* processes.output(state.id, { offset: 0, follow: true, signal });
}

function serviceRoutes({ services }: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      pattern: /^\/v1\/services$/,
      answer: async () => ({ json: await services.list() }),
    },
    {
      method: 'PUT',
      pattern: new RegExp(`${SERVICE}$`),
      async answer(call) {
        const spec = parse(serviceSpecSchema, call.body());
        return { json: await services.put(nameOf(call), spec) };
      },
    },
    {
      method: 'DELETE',
      pattern: new RegExp(`${SERVICE}$`),
      async answer(call) {
        await services.remove(nameOf(call));
        return { json: {} };
      },
    },
    {
      method: 'POST',
      pattern: new RegExp(`${SERVICE}/restart$`),
      answer: async (call) => ({ json: await services.restart(nameOf(call)) }),
    },
    {
      method: 'GET',
      pattern: new RegExp(`${SERVICE}/logs$`),
      answer(call) {
        const options = queryOf(logQuery, call.query);
        return {
          open: (signal) => services.logs(nameOf(call), { ...options, signal }),
        };
      },
    },
  ];
}

const idOf = (call: Call) => parse(processIdSchema, call.params[0]);
const nameOf = (call: Call) => parse(serviceNameSchema, call.params[0]);

function queryOf<S extends z.ZodType>(
  schema: S,
  query: URLSearchParams,
): z.output<S> {
  return parse(schema, Object.fromEntries(query));
}
