import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type * as z from 'zod';
import { AgentError } from '../errors.ts';
import {
  controlFrame,
  createFrameReader,
  dataFrames,
  type Frame,
} from '../terminal-frames.ts';
import {
  TERMINAL_PATH,
  TERMINAL_UPGRADE,
  terminalAnswerSchema,
  terminalEndSchema,
  type TerminalRequest,
  type TerminalSize,
} from '../terminal-protocol.ts';
import { upgrade } from './upgrade.ts';

/** An agent that runs opens a terminal in some milliseconds. */
const OPEN_MS = 10_000;

/** What comes of a terminal; the end is the last of it. */
export type TerminalFrame =
  | { readonly type: 'output'; readonly bytes: Buffer }
  | z.output<typeof terminalEndSchema>;

/** A connection to a terminal in a sandbox. */
export type AgentTerminal = {
  /** Of the first byte of output that comes: later than what was asked for when the bytes between were dropped. */
  readonly offset: number;
  /**
   * What comes, as fast as it is taken: the program waits for who does not take it. Throws {@link AgentError} when the connection
   * is cut before an end came, or what comes is not of the protocol.
   */
  readonly frames: AsyncGenerator<TerminalFrame>;
  /** Types these bytes. A promise: no more before it resolves, which it does in any case. */
  readonly write: (bytes: Uint8Array) => Promise<unknown> | undefined;
  /** Of sizes that it cannot be told as fast, it is told the newest. */
  readonly resize: (size: TerminalSize) => void;
  /** Ends the terminal. */
  readonly hangUp: () => void;
  /** Leaves it, to be resumed for some minutes. */
  readonly leave: () => void;
};

/** See {@link AgentTerminal}. Throws {@link AgentError}, `agent_refused` and `agent_not_found` with the agent's reason, or the abort's reason. */
export async function openTerminal(
  socketPath: string,
  request: TerminalRequest,
  signal?: AbortSignal,
): Promise<AgentTerminal> {
  const socket = await upgrade(socketPath, {
    path: TERMINAL_PATH,
    protocol: TERMINAL_UPGRADE,
    timeoutMs: OPEN_MS,
    signal,
  });
  socket.on('error', () => undefined);
  const limit = setTimeout(() => socket.destroy(), OPEN_MS);
  const leave = () => socket.destroy();
  signal?.addEventListener('abort', leave);
  const frames = framesOf(socket);
  let room: Promise<unknown> | undefined;
  let size: TerminalSize | undefined;
  const untilRoom = (): Promise<unknown> =>
    (room ??= roomIn(socket).finally(() => {
      room = undefined;
    }));
  /** While there is no room only the newest is kept. */
  function resize(to: TerminalSize): void {
    if (socket.destroyed) return;
    if (!socket.writableNeedDrain) {
      socket.write(controlFrame({ type: 'resize', ...to }));
      return;
    }
    const isWaiting = size !== undefined;
    size = to;
    if (isWaiting) return;
    void untilRoom().then(() => {
      const newest = size;
      size = undefined;
      if (newest !== undefined) resize(newest);
    });
  }
  try {
    socket.write(controlFrame(request));
    const first = await frames.next();
    signal?.throwIfAborted();
    const { offset } = opened(first.value);
    return {
      offset,
      frames: told(frames),
      write(bytes) {
        if (socket.destroyed || socket.write(dataFrames(bytes)))
          return undefined;
        return untilRoom();
      },
      resize,
      hangUp() {
        socket.write(controlFrame({ type: 'hang_up' }));
      },
      leave,
    };
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', leave);
  }
}

/** Resolves when what was written is taken, or never will be. */
async function roomIn(socket: Duplex): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([
    once(socket, 'drain', { signal }),
    once(socket, 'close', { signal }),
  ]).catch(() => undefined);
  over.abort();
}

/** Reads on only when what was read is taken. */
async function* framesOf(
  socket: Duplex,
): AsyncGenerator<Frame, undefined, undefined> {
  const read = createFrameReader();
  try {
    for await (const chunk of socket)
      if (chunk instanceof Buffer) yield* read(chunk);
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('agent_unreachable', 'the terminal was cut off', {
      cause: error,
    });
  }
  return undefined;
}

function opened(frame: Frame | undefined): { readonly offset: number } {
  if (frame === undefined)
    throw new AgentError('agent_unreachable', 'the agent did not answer');
  const answer = check(terminalAnswerSchema, frame);
  if (answer.type === 'opened') return answer;
  throw new AgentError(
    answer.code === 'not_found' ? 'agent_not_found' : 'agent_refused',
    answer.message.slice(0, 500),
    { reason: answer.code },
  );
}

async function* told(
  frames: AsyncGenerator<Frame, undefined, undefined>,
): AsyncGenerator<TerminalFrame> {
  for await (const frame of frames) {
    if (frame.kind === 'data') {
      yield { type: 'output', bytes: frame.bytes };
      continue;
    }
    yield check(terminalEndSchema, frame);
    return;
  }
  throw new AgentError('agent_unreachable', 'the terminal was cut off');
}

function check<S extends z.ZodType>(schema: S, frame: Frame): z.output<S> {
  const json = frame.kind === 'control' ? frame.json : undefined;
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new AgentError('agent_protocol', 'the terminal said something else');
}
