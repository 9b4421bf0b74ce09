import fs from 'node:fs';
import type { Server } from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readAppFacts } from '../app-facts.ts';
import { headStartPipe, takeHeadStart } from '../head-start.ts';
import { AGENT_PROTOCOL, AGENT_VERSION, OLDEST_PROTOCOL } from '../protocol.ts';
import { copyTemplate } from './copy-template.ts';
import { createHttpServer } from './http.ts';
import { createPipePool } from './pipe-pool.ts';
import { createProcessEnvironment } from './process-environment.ts';
import { createProcessStore } from './process-store.ts';
import { createProcesses } from './processes.ts';
import { createRoutes } from './routes.ts';
import { seedHome } from './seed-home.ts';
import { createServices } from './services.ts';
import { createTerminals } from './terminals/terminals.ts';
import { upgradeTo } from './upgrades.ts';

// Docker gives 10 s between TERM and KILL; 8 s for the tenant's processes leave us time to record their ends.
const STOP_GRACE_MS = 8_000;
const STOP_DEADLINE_MS = 9_000;

/** Where the agent works and what it gives its children. */
export type AgentOptions = {
  readonly socketPath: string;
  readonly stateDirectory: string;
  readonly home: string;
  readonly skeleton: string;
  readonly appDirectory: string;
  /** Directory of the templates. */
  readonly templates: string;
  /** The native part of terminals. */
  readonly ptyAddon: string;
  /** The image's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Called when it is told to end. */
  readonly onEnd: () => void;
};

/** A resident agent that listens. */
export type Agent = {
  /** Ends services and processes (TERM, KILL after 8 s) and stops listening; at most about 9 s. */
  readonly stop: () => Promise<void>;
};

/** Starts the agent; resolves when it listens. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { stateDirectory: state, now, warn } = options;
  const startedAt = now();
  try {
    seedHome(options);
  } catch (error) {
    // A full or read-only home must not keep people from looking into it.
    warn(`home not prepared: ${String(error)}`);
  }
  const environment = createProcessEnvironment({
    base: { ...options.env, HOME: options.home },
    appDirectory: options.appDirectory,
  });
  const pipes = createPipePool(path.join(state, 'pipes'));
  const services = createServices({
    directory: path.join(state, 'services'),
    environment,
    pipes,
  });
  const headStart = takeHeadStart(state);
  if (headStart !== undefined) {
    environment.setBootEnv(headStart.env);
    try {
      services.begin(headStart.services);
    } catch (error) {
      // A full disk: the boot tries again, and is told.
      warn(`services not begun: ${String(error)}`);
    }
    // They start now: their programs come up while the rest is made.
    await setImmediate();
  }
  const processes = createProcesses({
    store: createProcessStore(path.join(state, 'processes'), now),
    pipes,
    environment,
    now,
    warn,
  });
  const terminals = createTerminals({
    addonFile: options.ptyAddon,
    environment,
  });
  let booted = false;
  const { server, closeIdle } = createHttpServer(
    createRoutes({
      health: () => ({
        protocol: AGENT_PROTOCOL,
        oldest_protocol: OLDEST_PROTOCOL,
        version: AGENT_VERSION,
        pid: options.pid,
        started_at_ms: startedAt,
        booted,
      }),
      onBoot() {
        booted = true;
      },
      onEnd: options.onEnd,
      app: () => readAppFacts(options.appDirectory),
      copyTemplate(name) {
        copyTemplate({ ...options, name });
      },
      environment,
      processes,
      services,
    }),
    upgradeTo(terminals.connect),
  );
  await listen(server, options.socketPath);
  pipes.prepare(headStartPipe(state));

  return {
    async stop() {
      const stopped = Promise.all([
        processes.stop(STOP_GRACE_MS),
        services.stop(STOP_GRACE_MS),
        terminals.stop(STOP_GRACE_MS),
      ]);
      await within(stopped, STOP_DEADLINE_MS);
      server.close();
      closeIdle();
      fs.rmSync(options.socketPath, { force: true });
    },
  };
}

function listen(server: Server, socketPath: string): Promise<void> {
  fs.rmSync(socketPath, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      fs.chmodSync(socketPath, 0o600);
      resolve();
    });
  });
}

function within(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
