import { setTimeout as pause } from 'node:timers/promises';
import type {
  AgentClient,
  ProcessState,
  ReceivedFrame,
} from '@sandboxed/agent';
import { AgentError } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';
import { asDomainError } from './agent-failure.ts';
import type { Watchdog } from './watchdog.ts';
import { startWatchdog } from './watchdog.ts';

/** A broken connection to a sandbox that still runs is taken up again this often. */
const RECONNECTS = 5;
/** What an agent may take beyond a process' timeout to end it and to tell. */
export const END_GRACE_MS = 30_000;

/** An agent keeps frames of at most four times a process' output and this, and sends each once. */
const SLACK_BYTES = 65_536;

/** A piece of output of a process. */
type OutputPiece = Extract<ReceivedFrame, { type: 'output' }>;

/** Which process is followed, and through what. */
export interface Followed {
  readonly agent: AgentClient;
  /** Whether its sandbox still runs. */
  readonly isRunning: () => Promise<boolean>;
  readonly processId: string;
  /** Starts it and answers its output; a process that runs already is only followed. Its failures before it runs are thrown as they are. */
  readonly begin?: (signal: AbortSignal) => AsyncIterable<ReceivedFrame>;
  /** How long it is followed at most, {@link END_GRACE_MS} included. */
  readonly limitMs: number;
  /** Bytes of output that its agent was told to keep. */
  readonly outputCapBytes: number;
  /** Aborting throws its reason. */
  readonly signal: AbortSignal;
  readonly onOutput: (piece: OutputPiece) => void;
}

/**
 * Follows a process of a sandbox to its end, through broken connections.
 * Throws `sandbox_not_running` when the sandbox stops, `agent_unreachable` when its connections keep breaking or it falls
 * silent, `timed_out` after `limitMs`, `agent_protocol` when there is far more output than there may be.
 */
export async function followProcess(request: Followed): Promise<ProcessState> {
  const watchdog = startWatchdog(request.agent, request.limitMs);
  try {
    return await follow(request, watchdog);
  } finally {
    watchdog.stop();
  }
}

async function follow(
  request: Followed,
  watchdog: Watchdog,
): Promise<ProcessState> {
  const { agent, processId } = request;
  const signal = AbortSignal.any([request.signal, watchdog.signal]);
  let offset = 0;
  let sent = 0;
  let { begin } = request;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const frames =
        begin?.(signal) ?? agent.followOutput(processId, { offset, signal });
      begin = undefined;
      for await (const frame of frames) {
        watchdog.heard();
        if (frame.type === 'exit') return frame.state;
        sent += frame.wireBytes;
        if (sent > 4 * request.outputCapBytes + SLACK_BYTES)
          throw new DomainError(
            'agent_protocol',
            'The sandbox sends more output than the command was allowed.',
          );
        request.onOutput(frame);
        offset = frame.offset;
        attempt = 0;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentError)) throw error;
      if (!(await request.isRunning()))
        throw new DomainError(
          'sandbox_not_running',
          'The sandbox stopped while the command ran.',
          { cause: error },
        );
      if (attempt >= RECONNECTS) asDomainError(error);
    }
    if (attempt >= RECONNECTS)
      throw new DomainError(
        'agent_unreachable',
        'The sandbox kept cutting the output of the command short.',
      );
    await pause(100 * (attempt + 1), undefined, { signal });
  }
}
