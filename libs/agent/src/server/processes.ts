import { setImmediate as nextTurn } from 'node:timers/promises';
import { AGENT_LIMITS } from '../limits.ts';
import type { AgentSignal, ProcessState, StartProcess } from '../protocol.ts';
import { type Change, createChange } from './change.ts';
import { createFrameLog } from './frame-log.ts';
import type { PipePool } from './pipe-pool.ts';
import {
  PROCESS_MARKER,
  type ProcessEnvironment,
} from './process-environment.ts';
import { killMarked, signalGroup } from './process-group.ts';
import type { ProcessStore } from './process-store.ts';
import {
  type FrameSource,
  type ReadOptions,
  readFrames,
} from './read-frames.ts';
import { Refusal, unknown } from './refusal.ts';
import { runProcess } from './run-process.ts';
import { surplus } from './surplus.ts';

type Entry = FrameSource & { readonly settled: Promise<void> };

/** Every process that this agent runs or remembers, by id. */
export type Processes = {
  /** Starts a process, or answers the one that has this id: an id never runs twice. Throws {@link Refusal}. */
  readonly start: (
    request: StartProcess,
  ) => Promise<{ state: ProcessState; created: boolean }>;
  readonly list: () => ProcessState[];
  readonly get: (id: string) => ProcessState;
  /** Frames of its output; see `readFrames`. */
  readonly output: (
    id: string,
    options: ReadOptions,
  ) => AsyncGenerator<Uint8Array>;
  /** To its whole group; KILL reaches those that left the group, too. Nothing happens to a finished one. */
  readonly signal: (id: string, signal: AgentSignal) => ProcessState;
  /** Forgets a finished process and its output. */
  readonly forget: (id: string) => void;
  /** TERM to all, KILL to what is left after `graceMs`; resolves when all are recorded as ended. */
  readonly stop: (graceMs: number) => Promise<void>;
};

/** See {@link Processes}. */
export function createProcesses(deps: {
  readonly store: ProcessStore;
  readonly pipes: PipePool;
  readonly environment: ProcessEnvironment;
  readonly now: () => number;
  readonly warn: (message: string) => void;
}): Processes {
  const entries = new Map<string, Entry>();
  const stopping = new AbortController();

  const recovered = deps.store
    .recover()
    .sort((a, b) => finishedAt(a.state) - finishedAt(b.state));
  for (const { state, outputBytes } of recovered)
    entries.set(state.id, {
      path: deps.store.outputPath(state.id),
      size: () => outputBytes,
      state: () => state,
      change: createChange(),
      settled: Promise.resolve(),
    });
  trim();

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (entry === undefined) throw unknown('process', id);
    return entry;
  }

  function trim(): void {
    const ended = [...entries.values()].flatMap(({ state, size }) =>
      state().status === 'exited'
        ? [{ id: state().id, endedAtMs: finishedAt(state()), bytes: size() }]
        : [],
    );
    const most = {
      count: AGENT_LIMITS.finishedProcesses,
      bytes: AGENT_LIMITS.finishedOutputBytes,
    };
    for (const id of surplus(ended, most)) drop(id);
  }

  function drop(id: string): void {
    entries.delete(id);
    deps.store.remove(id);
  }

  function saveEnd(state: ProcessState): void {
    try {
      deps.store.save(state);
    } catch (error) {
      // A full disk must not take the agent down: the state is told from memory, and a restart records it as ended.
      deps.warn(`state of ${state.id} not written: ${String(error)}`);
    }
  }

  function begin(request: StartProcess): {
    entry: Entry;
    begun: Promise<void>;
  } {
    const change: Change = createChange();
    let state: ProcessState = {
      id: request.id,
      status: 'running',
      timed_out: false,
      truncated: false,
      started_at_ms: deps.now(),
    };
    // Before it starts: an agent that dies in between must not let the id run again.
    deps.store.begin(request.id);
    const path = deps.store.outputPath(request.id);
    const log = createFrameLog({
      path,
      capBytes: request.output_cap_bytes,
      onGrow: change.notify,
    });
    const { begun, settled } = runProcess({
      request,
      log,
      pipes: deps.pipes,
      environment: deps.environment,
      stopping: stopping.signal,
      onPid(pid) {
        state = { ...state, pid };
      },
      async onEnd(end) {
        state = {
          ...state,
          ...end,
          status: 'exited',
          truncated: log.truncated(),
          finished_at_ms: Math.max(deps.now(), state.started_at_ms),
        };
        change.notify();
        // Those who wait for the end are told first. An agent that dies in between has not lost that the id is used up.
        await nextTurn();
        saveEnd(state);
        trim();
      },
    });
    const snapshot = () => ({ ...state, truncated: log.truncated() });
    const entry = { path, size: log.size, state: snapshot, change, settled };
    return { entry, begun };
  }

  const running = () =>
    [...entries.values()].filter((entry) => entry.state().status === 'running');

  return {
    async start(request) {
      const known = entries.get(request.id);
      if (known !== undefined) return { state: known.state(), created: false };
      if (stopping.signal.aborted)
        throw new Refusal(503, 'stopping', 'the sandbox is stopping');
      if (running().length >= AGENT_LIMITS.runningProcesses)
        throw new Refusal(
          429,
          'too_many_processes',
          `at most ${String(AGENT_LIMITS.runningProcesses)} processes run at once`,
        );
      const { entry, begun } = begin(request);
      entries.set(request.id, entry);
      await begun;
      return { state: entry.state(), created: true };
    },
    list: () => [...entries.values()].map((entry) => entry.state()),
    get: (id) => find(id).state(),
    output: (id, options) => readFrames(find(id), options),
    signal(id, signal) {
      const state = find(id).state();
      if (state.status === 'running' && state.pid !== undefined) {
        signalGroup(state.pid, signal);
        if (signal === 'SIGKILL') killMarked(`${PROCESS_MARKER}=${id}`);
      }
      return state;
    },
    forget(id) {
      if (find(id).state().status === 'running')
        throw new Refusal(409, 'still_running', `process ${id} still runs`);
      drop(id);
    },
    async stop(graceMs) {
      const mine = running();
      stopping.abort();
      const pids = () =>
        mine.flatMap((entry) => {
          const { status, pid } = entry.state();
          return status === 'running' && pid !== undefined ? [pid] : [];
        });
      for (const pid of pids()) signalGroup(pid, 'SIGTERM');
      const killer = setTimeout(() => {
        for (const pid of pids()) signalGroup(pid, 'SIGKILL');
      }, graceMs);
      await Promise.all(mine.map(({ settled }) => settled));
      clearTimeout(killer);
    },
  };
}

function finishedAt(state: ProcessState): number {
  return state.finished_at_ms ?? state.started_at_ms;
}
