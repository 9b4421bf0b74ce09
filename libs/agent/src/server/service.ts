import type { AgentServiceSpec, ServiceState } from '../protocol.ts';
import { backOffMs, STABLE_AFTER_MS } from './back-off.ts';
import { pause } from './pause.ts';
import type { PipePool } from './pipe-pool.ts';
import { portOpen, waitForPort } from './ports.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import { endGroup, TERM_GRACE_MS } from './process-group.ts';
import type { RotatingLog } from './rotating-log.ts';
import { type Ending, SpawnFailure, spawnGroup } from './spawn-group.ts';

const FOREIGN_CHECK_MS = 1_000;
/** Its status may say late that it is up: whoever waits for the port asks for that. */
const PORT_CHECK_MS = 30;
const SLOW_PORT_CHECK_MS = 1_000;

/** One declared command that is kept running. */
export type Service = {
  readonly state: () => ServiceState;
  /** TERM to its group, KILL after `graceMs` (5 s by default); resolves when it is down and stays so. */
  readonly stop: (graceMs?: number) => Promise<void>;
};

/** What a service is made of. */
export type ServiceOptions = {
  readonly name: string;
  readonly spec: AgentServiceSpec;
  readonly environment: ProcessEnvironment;
  readonly pipes: PipePool;
  readonly log: RotatingLog;
  /** Nobody serves its port before it is started for the first time: that need not be asked. */
  readonly isPortFree?: boolean;
};

/**
 * Starts a service and keeps it up: it is started again for ever, with a back-off that forgets failures once it was up
 * for 10 s. While another process serves its port it counts as up and is not started.
 */
export function startService(options: ServiceOptions): Service {
  const { name, spec, log } = options;
  const { port } = spec;
  const stopping = new AbortController();
  let graceMs = TERM_GRACE_MS;
  let status: ServiceState['status'] = 'starting';
  let pid: number | undefined;
  let lastExitCode: number | undefined;
  let starts = 0;
  let failures = 0;

  const isStopping = () => stopping.signal.aborted;
  const say = (text: string) => {
    log.append(Buffer.from(`[sandboxed] ${text}\n`));
  };

  async function keepUp(): Promise<void> {
    while (!isStopping()) {
      const isFree = options.isPortFree === true && starts === 0;
      if (port !== undefined && !isFree && (await portOpen(port))) {
        status = 'running';
        say(`port ${String(port)} is already served by another process`);
        await untilPortCloses(port, stopping.signal);
        continue;
      }
      if (isStopping()) break;
      const ending = await runOnce();
      lastExitCode = ending.code;
      if (isStopping()) break;
      // What it left in the background may be the server itself, and then counts as another process.
      if (port !== undefined && (await portOpen(port))) continue;
      const waitMs = backOffMs(failures);
      say(
        `ended with ${ending.signal ?? `exit code ${String(ending.code)}`}; next start in ${String(waitMs / 1_000)} s`,
      );
      status = 'backoff';
      await pause(waitMs, stopping.signal);
    }
    status = 'stopped';
  }

  async function runOnce(): Promise<Ending> {
    status = 'starting';
    starts += 1;
    const since = performance.now();
    const ending = await runGroup().catch((error: unknown): Ending => {
      const known = error instanceof SpawnFailure;
      say(known ? error.message : `cannot start: ${String(error)}`);
      return { code: known ? error.exitCode : 126 };
    });
    failures = performance.now() - since >= STABLE_AFTER_MS ? 1 : failures + 1;
    return ending;
  }

  async function runGroup(): Promise<Ending> {
    const group = await spawnGroup(options.pipes, {
      argv: options.environment.shell(spec.command),
      cwd: options.environment.directory(spec.cwd),
      env: serviceEnvironment(options),
      onOutput(_stream, chunk) {
        log.append(chunk);
      },
    });
    pid = group.pid;
    const over = new AbortController();
    const end = () => void endGroup(group.pid, graceMs);
    if (isStopping()) end();
    else stopping.signal.addEventListener('abort', end);
    void untilUp(over.signal);
    const ending = await group.ended;
    over.abort();
    pid = undefined;
    stopping.signal.removeEventListener('abort', end);
    // Its port is free for the next start only when its whole group is gone, unless that is what serves now.
    if (isStopping() || port === undefined || !(await portOpen(port)))
      await endGroup(group.pid, graceMs);
    return ending;
  }

  async function untilUp(over: AbortSignal): Promise<void> {
    const up =
      port === undefined ||
      (await waitForPort(port, {
        timeoutMs: Infinity,
        signal: over,
        firstStepMs: PORT_CHECK_MS,
        lastStepMs: SLOW_PORT_CHECK_MS,
      }));
    if (up && !over.aborted) status = 'running';
  }

  const down = keepUp();
  return {
    state: () => ({
      name,
      command: spec.command,
      ...(port === undefined ? {} : { port }),
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      status,
      ...(pid === undefined ? {} : { pid }),
      restarts: Math.max(0, starts - 1),
      ...(lastExitCode === undefined ? {} : { last_exit_code: lastExitCode }),
      ...(spec.source === undefined ? {} : { source: spec.source }),
    }),
    async stop(grace) {
      if (grace !== undefined) graceMs = grace;
      stopping.abort();
      await down;
    },
  };
}

function serviceEnvironment(options: ServiceOptions): Record<string, string> {
  const { port, env } = options.spec;
  return options.environment.merge({
    // A server bound to the loopback interface alone would not be reachable as a preview.
    HOST: '0.0.0.0',
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...env,
  });
}

// The other process is not our child: nothing tells us when it goes.
async function untilPortCloses(
  port: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && (await portOpen(port)))
    await pause(FOREIGN_CHECK_MS, signal);
}
