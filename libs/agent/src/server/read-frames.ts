import fs from 'node:fs';
import type { ProcessState } from '../protocol.ts';
import type { Change } from './change.ts';
import { Refusal } from './refusal.ts';

const CHUNK_BYTES = 64 * 1024;

/** What a reader needs to know of a process' log, whether it still grows or not. */
export type FrameSource = {
  readonly path: string;
  readonly size: () => number;
  readonly state: () => ProcessState;
  readonly change: Change;
};

/** Where to begin (past the end means at the end: only what comes next), whether to wait for the end, and when to give up. */
export type ReadOptions = {
  readonly offset: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
};

/**
 * The log from `offset` on, in chunks as they are on disk, then the exit line. With `follow` it waits for the process
 * to end; without, it ends where the log ends. Holds one chunk at a time: the consumer sets the pace, and must begin.
 * Throws a {@link Refusal} at once for an offset that is no end of a frame.
 */
export function readFrames(
  source: FrameSource,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  // There is no file before the first frame.
  const file = source.size() > 0 ? open(source) : undefined;
  try {
    if (file !== undefined && options.offset < source.size())
      assertBoundary(file, options.offset);
  } catch (error) {
    if (file !== undefined) fs.closeSync(file);
    throw error;
  }
  return stream(source, file, options);
}

async function* stream(
  source: FrameSource,
  opened: number | undefined,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  let file = opened;
  let position = Math.min(options.offset, source.size());
  try {
    while (!options.signal.aborted) {
      if (position < source.size()) {
        file ??= open(source);
        const chunk = read(file, position, source.size());
        position += chunk.length;
        yield chunk;
      } else if (!running(source)) {
        yield exitLine(source.state());
        return;
      } else if (options.follow) {
        await source.change.next(options.signal);
      } else {
        return;
      }
    }
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

const running = (source: FrameSource) => source.state().status === 'running';

function open(source: FrameSource): number {
  return fs.openSync(
    source.path,
    fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW,
  );
}

function read(file: number, position: number, size: number): Buffer {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - position));
  const count = fs.readSync(file, chunk, 0, chunk.length, position);
  if (count === 0)
    throw new Refusal(500, 'output_lost', 'the output was cut short on disk');
  return chunk.subarray(0, count);
}

function assertBoundary(file: number, position: number): void {
  if (position === 0) return;
  if (read(file, position - 1, position)[0] !== 0x0a)
    throw new Refusal(
      400,
      'bad_offset',
      'the offset is not the end of a frame',
    );
}

function exitLine(state: ProcessState): Buffer {
  return Buffer.from(`${JSON.stringify({ type: 'exit', state })}\n`);
}
