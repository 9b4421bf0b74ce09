import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import { AgentError } from '../errors.ts';
import {
  type AgentBoot,
  type AgentHealth,
  type AgentServiceSpec,
  type AgentSignal,
  type AppFacts,
  appFactsSchema,
  connectionsSchema,
  emptySchema,
  healthSchema,
  type LogFrame,
  logFrameSchema,
  type OutputFrame,
  outputFrameSchema,
  portAnswerSchema,
  type ProbeAnswer,
  probeAnswerSchema,
  type ProcessState,
  processListSchema,
  processStateSchema,
  serviceListSchema,
  type ServiceState,
  serviceStateSchema,
  type StartedFrame,
  startedFrameSchema,
  type StartProcess,
} from '../protocol.ts';
import type { TerminalRequest } from '../terminal-protocol.ts';
import { check } from './check.ts';
import { checkProtocol, negotiated } from './negotiate.ts';
import { type AgentTerminal, openTerminal } from './terminal.ts';
import {
  createTransport,
  type Line,
  type TransportRequest,
} from './transport.ts';

// Starting a command takes milliseconds, also on a busy host less than this.
const CALL_MS = 10_000;
// Without a socket the question costs next to nothing.
const STEP_MS = 2;
// A service is given 5 s between TERM and KILL, and 2 s to be gone.
const STOP_SERVICE_MS = 20_000;

/** Aborting rejects with the signal's reason. */
export type CallOptions = { readonly signal?: AbortSignal | undefined };

/** A frame, and how many bytes came for it: far more than it says, from an agent that is not ours. */
export type ReceivedFrame = OutputFrame & Pick<Line, 'wireBytes'>;

/** The agent of one sandbox, from outside. Every method throws `AgentError`; all that the agent says is checked. */
export type AgentClient = {
  readonly health: (options?: CallOptions) => Promise<AgentHealth>;
  /** Asks for its health, with what is in the app directory, every few milliseconds until it answers; `agent_unreachable` after `timeoutMs`. */
  readonly waitReady: (
    options: { readonly timeoutMs: number } & CallOptions,
  ) => Promise<AgentHealth>;
  /** What is in the app directory; `agent_not_found` from an agent that is older than this call. */
  readonly app: (options?: CallOptions) => Promise<AppFacts>;
  /** Hands over the environment and the services; what is unchanged runs on. */
  readonly boot: (boot: AgentBoot, options?: CallOptions) => Promise<void>;
  /** Starts a process, or answers the one that has this id already. */
  readonly startProcess: (
    request: StartProcess,
    options?: CallOptions,
  ) => Promise<ProcessState>;
  /**
   * {@link startProcess} and {@link followOutput} in one call: what was started, then its output. Aborting is heeded once that is
   * known: before, the process might come to run after all.
   */
  readonly runProcess: (
    request: StartProcess,
    options?: CallOptions,
  ) => AsyncGenerator<StartedFrame | ReceivedFrame>;
  readonly process: (
    id: string,
    options?: CallOptions,
  ) => Promise<ProcessState>;
  readonly processes: (options?: CallOptions) => Promise<ProcessState[]>;
  /**
   * Output from `offset` (default 0) on, then one `exit` frame. With `follow` (default true) it waits for the end; a
   * stream that is cut off before throws `agent_unreachable`: resume at the last frame's offset. Leaving the loop ends it.
   */
  readonly followOutput: (
    id: string,
    options?: {
      readonly offset?: number;
      readonly follow?: boolean;
    } & CallOptions,
  ) => AsyncGenerator<ReceivedFrame>;
  /** To the process' whole group; SIGKILL reaches its processes that left the group, too. */
  readonly signal: (
    id: string,
    signal: AgentSignal,
    options?: CallOptions,
  ) => Promise<ProcessState>;
  /** Deletes what is kept of a finished process. */
  readonly forget: (id: string, options?: CallOptions) => Promise<void>;
  readonly services: (options?: CallOptions) => Promise<ServiceState[]>;
  readonly putService: (
    name: string,
    spec: AgentServiceSpec,
    options?: CallOptions,
  ) => Promise<ServiceState>;
  readonly deleteService: (
    name: string,
    options?: CallOptions,
  ) => Promise<void>;
  readonly restartService: (
    name: string,
    options?: CallOptions,
  ) => Promise<ServiceState>;
  /**
   * The last `tail` lines (default 200, at most 5000), or what follows the frame whose id is `after`; with `follow` (default false)
   * also what comes. An agent that is older than `after` does not heed it, and sends no ids.
   */
  readonly serviceLogs: (
    name: string,
    options?: {
      readonly tail?: number;
      readonly after?: string | undefined;
      readonly follow?: boolean;
    } & CallOptions,
  ) => AsyncGenerator<LogFrame>;
  /** Ports that another machine is connected to; `agent_not_found` from an agent that is older than this call. */
  readonly connectedPorts: (options?: CallOptions) => Promise<number[]>;
  /** Whether the port accepts the connections of previews within `timeoutMs` (at most 60,000). */
  readonly waitPort: (
    port: number,
    options: { readonly timeoutMs: number } & CallOptions,
  ) => Promise<boolean>;
  /** What a GET of the sandbox's own port answers within `timeoutMs` (at most 60,000). */
  readonly probeHttp: (
    port: number,
    options: {
      readonly path: string;
      readonly timeoutMs: number;
    } & CallOptions,
  ) => Promise<ProbeAnswer>;
  /** Has it end as at a TERM; `agent_not_found` from an agent that is older than this call. */
  readonly end: (options?: CallOptions) => Promise<void>;
  /** A terminal, new or resumed. `agent_not_found` without a reason from an agent that is older than this call. */
  readonly openTerminal: (
    request: TerminalRequest,
    options?: CallOptions,
  ) => Promise<AgentTerminal>;
  /** Closes kept connections; calls under way fail. */
  readonly close: () => void;
  /** Closes kept connections, and those in use as their calls end. */
  readonly retire: () => void;
};

/** A client of the agent that listens on this socket. Connects when first used. */
export function createAgentClient(options: {
  readonly socketPath: string;
}): AgentClient {
  const transport = negotiated(createTransport(options.socketPath));

  async function ask<S extends z.ZodType>(
    schema: S,
    request: Omit<TransportRequest, 'timeoutMs'> & { timeoutMs?: number },
  ): Promise<z.output<S>> {
    const answer = await transport.call({ timeoutMs: CALL_MS, ...request });
    return check(schema, answer);
  }

  async function waitReady({
    timeoutMs,
    signal,
  }: { readonly timeoutMs: number } & CallOptions): Promise<AgentHealth> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const left = Math.max(1, Math.ceil(deadline - performance.now()));
      // An agent that boots is left the processor: to look for its socket costs next to nothing, to connect does not.
      if (left > STEP_MS && !existsSync(options.socketPath)) {
        await delay(STEP_MS, undefined, { signal });
        continue;
      }
      try {
        return await ask(healthSchema, {
          method: 'GET',
          path: '/v1/health?app=1',
          timeoutMs: Math.min(left, CALL_MS),
          signal,
        });
      } catch (error) {
        signal?.throwIfAborted();
        const again =
          error instanceof AgentError && error.code === 'agent_unreachable';
        if (!again || performance.now() + STEP_MS >= deadline) throw error;
      }
      await delay(STEP_MS, undefined, { signal });
    }
  }

  async function* followOutput(
    id: string,
    {
      offset = 0,
      follow = true,
      signal,
    }: {
      readonly offset?: number;
      readonly follow?: boolean;
    } & CallOptions = {},
  ): AsyncGenerator<ReceivedFrame> {
    const path = `${processPath(id)}/output?offset=${String(offset)}&follow=${follow ? '1' : '0'}`;
    const request = { method: 'GET', path, timeoutMs: CALL_MS } as const;
    yield* outputOf(transport.lines({ ...request, signal }), follow);
  }

  return {
    health: (call) =>
      ask(healthSchema, { method: 'GET', path: '/v1/health', ...call }),
    waitReady,
    app: (call) =>
      ask(appFactsSchema, { method: 'GET', path: '/v1/app', ...call }),
    async boot(boot, call) {
      await ask(emptySchema, {
        method: 'POST',
        path: '/v1/boot',
        body: boot,
        timeoutMs: STOP_SERVICE_MS,
        ...call,
      });
    },
    startProcess: (request, call) =>
      ask(processStateSchema, {
        method: 'POST',
        path: '/v1/processes',
        body: request,
        ...call,
      }),
    process: (id, call) =>
      ask(processStateSchema, {
        method: 'GET',
        path: processPath(id),
        ...call,
      }),
    processes: (call) =>
      ask(processListSchema, { method: 'GET', path: '/v1/processes', ...call }),
    async *runProcess(body, { signal } = {}) {
      const path = '/v1/processes?follow=1';
      const leaving = new AbortController();
      const leave = () => {
        leaving.abort(signal?.reason);
      };
      const lines = transport.lines({
        method: 'POST',
        path,
        body,
        timeoutMs: CALL_MS,
        signal: leaving.signal,
      });
      const limit = setTimeout(() => {
        leaving.abort(
          new AgentError('agent_unreachable', `no answer in time to ${path}`, {
            reason: 'timeout',
          }),
        );
      }, CALL_MS);
      try {
        const first = await lines.next();
        clearTimeout(limit);
        signal?.addEventListener('abort', leave);
        if (signal?.aborted === true) leave();
        // An agent that is older than this call answers the state alone.
        const line: unknown =
          first.done === true ? undefined : first.value.json;
        const older = processStateSchema.safeParse(line);
        yield older.success
          ? { type: 'started', state: older.data }
          : check(startedFrameSchema, line);
        if (older.success) yield* followOutput(body.id, { signal });
        else yield* outputOf(lines);
      } finally {
        clearTimeout(limit);
        signal?.removeEventListener('abort', leave);
        // One that is not read to its end is left open by nobody else.
        await lines.return(undefined);
      }
    },
    followOutput,
    signal: (id, signal, call) =>
      ask(processStateSchema, {
        method: 'POST',
        path: `${processPath(id)}/signal`,
        body: { signal },
        ...call,
      }),
    async forget(id, call) {
      const path = processPath(id);
      await ask(emptySchema, { method: 'DELETE', path, ...call });
    },
    services: (call) =>
      ask(serviceListSchema, { method: 'GET', path: '/v1/services', ...call }),
    putService: (name, spec, call) =>
      ask(serviceStateSchema, {
        method: 'PUT',
        path: servicePath(name),
        body: spec,
        timeoutMs: STOP_SERVICE_MS,
        ...call,
      }),
    async deleteService(name, call) {
      await ask(emptySchema, {
        method: 'DELETE',
        path: servicePath(name),
        timeoutMs: STOP_SERVICE_MS,
        ...call,
      });
    },
    restartService: (name, call) =>
      ask(serviceStateSchema, {
        method: 'POST',
        path: `${servicePath(name)}/restart`,
        timeoutMs: STOP_SERVICE_MS,
        ...call,
      }),
    async *serviceLogs(
      name,
      { tail = 200, after, follow = false, signal } = {},
    ) {
      const query = new URLSearchParams({
        tail: String(tail),
        follow: follow ? '1' : '0',
        ...(after !== undefined && { after }),
      });
      const path = `${servicePath(name)}/logs?${query.toString()}`;
      const request = { method: 'GET', path, timeoutMs: CALL_MS } as const;
      for await (const line of transport.lines({ ...request, signal }))
        yield check(logFrameSchema, line.json);
    },
    async connectedPorts(call) {
      const answer = await ask(connectionsSchema, {
        method: 'GET',
        path: '/v1/connections',
        ...call,
      });
      return answer.ports;
    },
    async waitPort(port, { timeoutMs, signal }) {
      const answer = await ask(portAnswerSchema, {
        method: 'GET',
        path: `/v1/ports/${String(port)}?timeout_ms=${String(timeoutMs)}`,
        timeoutMs: timeoutMs + CALL_MS,
        signal,
      });
      return answer.open;
    },
    probeHttp(port, { path, timeoutMs, signal }) {
      const query = new URLSearchParams({
        path,
        timeout_ms: String(timeoutMs),
      });
      return ask(probeAnswerSchema, {
        method: 'GET',
        path: `/v1/ports/${String(port)}/http?${query.toString()}`,
        // Three addresses are tried, one after the other.
        timeoutMs: 3 * timeoutMs + CALL_MS,
        signal,
      });
    },
    async end(call) {
      await ask(emptySchema, { method: 'POST', path: '/v1/end', ...call });
    },
    async openTerminal(request, { signal } = {}) {
      const path = '/v1/health';
      checkProtocol(await ask(healthSchema, { method: 'GET', path, signal }));
      return openTerminal(options.socketPath, request, signal);
    },
    close: transport.close,
    retire: transport.retire,
  };
}

/** Frames up to the exit; without one the stream was cut off, where it had to come. */
async function* outputOf(
  lines: AsyncIterable<Line>,
  follow = true,
): AsyncGenerator<ReceivedFrame> {
  for await (const { json, wireBytes } of lines) {
    const frame = check(outputFrameSchema, json);
    yield { ...frame, wireBytes };
    if (frame.type === 'exit') return;
  }
  if (follow)
    throw new AgentError('agent_unreachable', 'the stream was cut off');
}

const processPath = (id: string) => `/v1/processes/${encodeURIComponent(id)}`;
const servicePath = (name: string) =>
  `/v1/services/${encodeURIComponent(name)}`;
