import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AGENT_LIMITS } from '../limits.ts';
import type {
  AgentNamedService,
  AgentServiceSpec,
  ServiceState,
} from '../protocol.ts';
import type { PipePool } from './pipe-pool.ts';
import { portOpen } from './ports.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import { readLog } from './read-log.ts';
import { Refusal, unknown } from './refusal.ts';
import { openRotatingLog, type RotatingLog } from './rotating-log.ts';
import { type Service, startService } from './service.ts';

type Entry = {
  readonly spec: AgentServiceSpec;
  /** The environment it was started with: a new boot may change it. */
  readonly env: Record<string, string>;
  readonly log: RotatingLog;
  readonly service: Service;
};

/** The declared services. Changes are made one after the other. */
export type Services = {
  /** Starts these at once. Nothing else has been started by then, so that nobody can serve their ports. */
  readonly begin: (services: readonly AgentNamedService[]) => void;
  /** Makes the set exactly this; what is unchanged, its environment included, runs on. */
  readonly replace: (services: readonly AgentNamedService[]) => Promise<void>;
  /** Declares a service; the same declaration again changes nothing. Throws {@link Refusal} when there are too many. */
  readonly put: (name: string, spec: AgentServiceSpec) => Promise<ServiceState>;
  /** Stops and forgets it, with its log. */
  readonly remove: (name: string) => Promise<void>;
  readonly restart: (name: string) => Promise<ServiceState>;
  /** All of them, with whether their ports accept connections now. */
  readonly list: () => Promise<ServiceState[]>;
  /** Frames of a log; see `readLog`. */
  readonly logs: (
    name: string,
    options: Parameters<typeof readLog>[1],
  ) => AsyncGenerator<string>;
  /** Ends all of them for good: TERM, KILL after `graceMs`. */
  readonly stop: (graceMs: number) => Promise<void>;
};

/** See {@link Services}. */
export function createServices(deps: {
  readonly directory: string;
  readonly environment: ProcessEnvironment;
  readonly pipes: PipePool;
}): Services {
  const entries = new Map<string, Entry>();
  let last: Promise<unknown> = Promise.resolve();
  let stopped = false;

  /** One change at a time: two restarts that overlap would start a command twice. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = last.then(change);
    last = turn.catch(() => undefined);
    return turn;
  }

  function find(name: string): Entry {
    const entry = entries.get(name);
    if (entry === undefined) throw unknown('service', name);
    return entry;
  }

  function start(
    name: string,
    spec: AgentServiceSpec,
    log: RotatingLog,
    isPortFree = false,
  ): void {
    if (stopped) throw new Refusal(503, 'stopping', 'the sandbox is stopping');
    const service = startService({ ...deps, name, spec, log, isPortFree });
    const env = deps.environment.merge(spec.env);
    entries.set(name, { spec, env, log, service });
  }

  function openLog(name: string): RotatingLog {
    const directory = path.join(deps.directory, name);
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    return openRotatingLog(path.join(directory, 'log'));
  }

  async function declare(name: string, spec: AgentServiceSpec): Promise<void> {
    const known = entries.get(name);
    if (known === undefined) {
      if (entries.size >= AGENT_LIMITS.services)
        throw new Refusal(
          429,
          'too_many_services',
          `at most ${String(AGENT_LIMITS.services)} services`,
        );
      start(name, spec, openLog(name));
      return;
    }
    const same =
      isDeepStrictEqual(known.spec, spec) &&
      isDeepStrictEqual(known.env, deps.environment.merge(spec.env));
    if (same) return;
    await known.service.stop();
    start(name, spec, known.log);
  }

  async function drop(name: string): Promise<void> {
    const { service, log } = find(name);
    await service.stop();
    entries.delete(name);
    log.close();
    fs.rmSync(path.join(deps.directory, name), {
      recursive: true,
      force: true,
    });
  }

  return {
    begin(services) {
      for (const { name, ...spec } of services)
        start(name, spec, openLog(name), true);
    },
    replace: (services) =>
      inTurn(async () => {
        const wanted = new Set(services.map(({ name }) => name));
        const extra = [...entries.keys()].filter((name) => !wanted.has(name));
        await Promise.all(extra.map(drop));
        await Promise.all(
          services.map(({ name, ...spec }) => declare(name, spec)),
        );
      }),
    put: (name, spec) =>
      inTurn(async () => {
        await declare(name, spec);
        return find(name).service.state();
      }),
    remove: (name) => inTurn(() => drop(name)),
    restart: (name) =>
      inTurn(async () => {
        const { service, spec, log } = find(name);
        await service.stop();
        start(name, spec, log);
        return find(name).service.state();
      }),
    list: () =>
      Promise.all(
        [...entries.values()].map(async ({ service }) => {
          const state = service.state();
          if (state.port === undefined) return state;
          return { ...state, port_open: await portOpen(state.port) };
        }),
      ),
    logs: (name, options) => readLog(find(name).log, options),
    async stop(graceMs) {
      stopped = true;
      await Promise.all(
        [...entries.values()].map(({ service }) => service.stop(graceMs)),
      );
    },
  };
}
