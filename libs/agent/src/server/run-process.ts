import type { ProcessState, StartProcess } from '../protocol.ts';
import type { FrameLog } from './frame-log.ts';
import { pause } from './pause.ts';
import type { PipePool } from './pipe-pool.ts';
import {
  PROCESS_MARKER,
  type ProcessEnvironment,
} from './process-environment.ts';
import { endGroup, killMarked, TERM_GRACE_MS } from './process-group.ts';
import { type Group, SpawnFailure, spawnGroup } from './spawn-group.ts';

// What a command left behind in the background may hold its outputs open for ever.
const OUTPUT_GRACE_MS = 1_000;
const SWEEP_PAUSE_MS = 50;

/** What is to be recorded when a process has ended. */
type ProcessEnd = Pick<ProcessState, 'timed_out'> &
  Partial<Pick<ProcessState, 'exit_code' | 'signal' | 'error'>>;

/** What running one process takes. */
export type RunOptions = {
  readonly request: StartProcess;
  readonly log: FrameLog;
  readonly pipes: PipePool;
  readonly environment: ProcessEnvironment;
  /** Aborts when the agent stops: what ends after that ended because of it. */
  readonly stopping: AbortSignal;
  readonly onPid: (pid: number) => void;
  /** Called exactly once, after the last output was logged. Resolves once the end is recorded; must not reject. */
  readonly onEnd: (end: ProcessEnd) => Promise<void>;
};

/**
 * Runs one process to its end. `begun` resolves when it runs or has failed to; `settled` once its end is recorded. When its leader
 * has ended, output of what it left behind counts for one more second; after that it is read and dropped, so that a
 * server started in the background does not die of a broken pipe.
 */
export function runProcess(options: RunOptions): {
  begun: Promise<void>;
  settled: Promise<void>;
} {
  const spawned = start(options);
  return {
    begun: spawned.then(() => undefined),
    settled: spawned.then(async (group) => {
      if (group !== undefined) await watch(group, options);
    }),
  };
}

async function start(options: RunOptions): Promise<Group | undefined> {
  const { request, environment, log } = options;
  try {
    const group = await spawnGroup(options.pipes, {
      argv: argvOf(request, environment),
      cwd: environment.directory(request.cwd),
      env: {
        ...environment.merge(request.env),
        [PROCESS_MARKER]: request.id,
      },
      stdin: request.stdin,
      stopping: options.stopping,
      onOutput: log.append,
    });
    options.onPid(group.pid);
    return group;
  } catch (error) {
    log.seal();
    const known = error instanceof SpawnFailure;
    await options.onEnd({
      timed_out: false,
      exit_code: known ? error.exitCode : 126,
      error: known ? error.message : `cannot start: ${String(error)}`,
    });
    return undefined;
  }
}

async function watch(group: Group, options: RunOptions): Promise<void> {
  const { request, log, stopping } = options;
  let timedOut = false;
  const timer =
    request.timeout_ms === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          void expire(group.pid, request.id);
        }, request.timeout_ms);
  const { code, signal } = await group.ended;
  clearTimeout(timer);
  if (request.sweep === true) await sweep(request.id);
  await settleOutput(group);
  log.seal();
  await options.onEnd({
    timed_out: timedOut,
    exit_code: code,
    ...(signal === undefined ? {} : { signal }),
    ...(stopping.aborted ? { error: 'sandbox_stopped' } : {}),
  });
}

/** Twice: what is forked while the first round reads is found by the second. */
async function sweep(id: string): Promise<void> {
  killMarked(`${PROCESS_MARKER}=${id}`);
  await pause(SWEEP_PAUSE_MS);
  killMarked(`${PROCESS_MARKER}=${id}`);
}

async function settleOutput(group: Group): Promise<void> {
  const enough = new AbortController();
  await Promise.race([
    group.outputEnded,
    pause(OUTPUT_GRACE_MS, enough.signal),
  ]);
  enough.abort();
}

async function expire(pid: number, id: string): Promise<void> {
  await endGroup(pid, TERM_GRACE_MS);
  killMarked(`${PROCESS_MARKER}=${id}`);
}

function argvOf(
  request: StartProcess,
  environment: ProcessEnvironment,
): readonly string[] {
  return request.cmd ?? environment.shell(request.shell ?? '');
}
