import fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { OutputStream } from '../protocol.ts';
import { encodeFrame } from './frame.ts';

/** The output of one process on disk: append-only frames (see `encodeFrame`), bounded. The file comes with the first of them. */
export type FrameLog = {
  /** Bytes of whole frames. */
  readonly size: () => number;
  /** True once output was left out. */
  readonly truncated: () => boolean;
  /** Keeps a piece of output as far as the cap allows; the rest is dropped. */
  readonly append: (stream: OutputStream, chunk: Buffer) => void;
  /** Writes what the decoders hold back and closes the file; later pieces are dropped. */
  readonly seal: () => void;
};

/**
 * Escapes and many small frames make the file larger than the output in it. It may be this much larger, so that a
 * process which writes single bytes cannot fill the disk under a cap.
 */
function fileCap(capBytes: number): number {
  return 4 * capBytes + 64 * 1024;
}

/**
 * Writes are synchronous: they go to the page cache, keep order for free and leave nothing to buffer, so a process that
 * writes faster than the disk is slowed by its own pipe.
 */
export function createFrameLog(options: {
  readonly path: string;
  /** Bytes of output to keep, both streams together. */
  readonly capBytes: number;
  /** Called when the log has grown. */
  readonly onGrow: () => void;
}): FrameLog {
  let file: number | undefined;
  const decoders = {
    stdout: new StringDecoder('utf8'),
    stderr: new StringDecoder('utf8'),
  };
  let size = 0;
  let kept = 0;
  let truncated = false;
  let open = true;

  function write(stream: OutputStream, text: string): void {
    if (text === '' || truncated) return;
    const frame = encodeFrame({ stream, text, start: size });
    if (size + frame.length > fileCap(options.capBytes)) {
      truncated = true;
      return;
    }
    try {
      file ??= fs.openSync(options.path, 'wx', 0o600);
      writeWhole(file, frame, size);
    } catch {
      // The disk does not take it (full, quota). The process itself has done nothing wrong.
      truncated = true;
      return;
    }
    size += frame.length;
    options.onGrow();
  }

  return {
    size: () => size,
    truncated: () => truncated,
    append(stream, chunk) {
      if (!open || truncated) return;
      const part = chunk.subarray(0, options.capBytes - kept);
      kept += part.length;
      write(stream, decoders[stream].write(part));
      if (part.length < chunk.length) truncated = true;
    },
    seal() {
      if (!open) return;
      write('stdout', decoders.stdout.end());
      write('stderr', decoders.stderr.end());
      open = false;
      if (file !== undefined) fs.closeSync(file);
    },
  };
}

/** Throws when the disk does not take it: then nothing of it is left behind. */
function writeWhole(file: number, bytes: Buffer, position: number): void {
  try {
    let written = 0;
    while (written < bytes.length) {
      written += fs.writeSync(
        file,
        bytes,
        written,
        bytes.length - written,
        position + written,
      );
    }
  } catch (error) {
    // Readers go by size, which stays before the torn frame.
    fs.ftruncateSync(file, position);
    throw error;
  }
}

/** Cuts off the frame that a killed agent was writing, and returns the size left; 0 when there is no log. */
export function repairFrameLog(path: string): number {
  const maxFrame = 1024 * 1024;
  let file: number;
  try {
    file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NOFOLLOW);
  } catch {
    // A process that was recorded but never wrote has no log; an unreadable one is as good as none.
    return 0;
  }
  try {
    const size = fs.fstatSync(file).size;
    const tail = Buffer.alloc(Math.min(size, maxFrame));
    const read = fs.readSync(file, tail, 0, tail.length, size - tail.length);
    const whole =
      size - tail.length + tail.subarray(0, read).lastIndexOf('\n') + 1;
    if (whole !== size) fs.ftruncateSync(file, whole);
    return whole;
  } finally {
    fs.closeSync(file);
  }
}
