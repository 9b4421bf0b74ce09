import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { type Change, createChange } from './change.ts';

/** Bytes after which a log begins a new file; one older file is kept. */
const ROTATE_BYTES = 1024 * 1024;
const READ_BYTES = 64 * 1024;

/**
 * A bounded log. Positions count the bytes ever written since it was opened plus what was there then, so they stay
 * valid while files rotate away beneath them.
 */
export type RotatingLog = {
  /** Names these positions: no other log has them, nor this one when it is opened again. 16 hex digits. */
  readonly run: string;
  /** The position at which it was opened. */
  readonly begun: number;
  readonly append: (chunk: Uint8Array) => void;
  /** The position at which the last `lines` lines begin. */
  readonly tail: (lines: number) => number;
  /** At most 64 KiB from `position`, or from the oldest byte kept when that is later; `next` is where to go on. */
  readonly read: (position: number) => { bytes: Buffer; next: number };
  readonly end: () => number;
  readonly change: Change;
  /** Closes the files; followers end. */
  readonly close: () => void;
  readonly closed: () => boolean;
};

type Part = { readonly file: number; readonly start: number; size: number };

/** Opens, and goes on with, the log at `path` (and `<path>.1`). */
export function openRotatingLog(path: string): RotatingLog {
  const change = createChange();
  let closed = false;
  let older = openExisting(`${path}.1`, 0);
  let current = openPart(path, older === undefined ? 0 : older.size);

  function rotate(): void {
    fs.renameSync(path, `${path}.1`);
    if (older !== undefined) fs.closeSync(older.file);
    older = current;
    current = openPart(path, older.start + older.size);
  }

  function partAt(position: number): { part: Part; from: number } {
    const part =
      older !== undefined && position < current.start ? older : current;
    return { part, from: Math.max(position, part.start) };
  }

  function read(position: number): { bytes: Buffer; next: number } {
    const { part, from } = partAt(position);
    const bytes = Buffer.alloc(
      Math.max(0, Math.min(READ_BYTES, part.start + part.size - from)),
    );
    const count = fs.readSync(
      part.file,
      bytes,
      0,
      bytes.length,
      from - part.start,
    );
    // A file that was cut short behind our back reads as empty from there on.
    const next = count === 0 ? part.start + part.size : from + count;
    return { bytes: bytes.subarray(0, count), next };
  }

  const end = () => current.start + current.size;

  return {
    run: randomBytes(8).toString('hex'),
    begun: end(),
    append(chunk) {
      if (closed) return;
      try {
        if (current.size + chunk.length > ROTATE_BYTES && current.size > 0)
          rotate();
        current.size += fs.writeSync(
          current.file,
          chunk,
          0,
          Math.min(chunk.length, ROTATE_BYTES),
          current.size,
        );
      } catch {
        // A full disk loses log lines; the service itself goes on.
        return;
      }
      change.notify();
    },
    tail(lines) {
      const chunks: Buffer[] = [];
      const start = older?.start ?? current.start;
      for (let position = start; position < end();) {
        const { bytes, next } = read(position);
        chunks.push(bytes);
        position = next;
      }
      const all = Buffer.concat(chunks);
      return end() - (all.length - lastLines(all, lines));
    },
    read,
    end,
    change,
    close() {
      if (closed) return;
      closed = true;
      if (older !== undefined) fs.closeSync(older.file);
      fs.closeSync(current.file);
      change.notify();
    },
    closed: () => closed,
  };
}

/** Index at which the last `lines` lines of `text` begin; an unfinished one counts as a line. */
export function lastLines(text: Uint8Array, lines: number): number {
  if (lines === 0) return text.length;
  let from = text.length;
  if (text[from - 1] === 0x0a) from -= 1;
  for (let found = 0; found < lines; found += 1) {
    if (from <= 0) return 0;
    from = text.lastIndexOf(0x0a, from - 1);
    if (from === -1) return 0;
  }
  return from + 1;
}

function openPart(path: string, start: number): Part {
  const { O_CREAT, O_NOFOLLOW, O_RDWR } = fs.constants;
  const file = fs.openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  return { file, start, size: fs.fstatSync(file).size };
}

function openExisting(path: string, start: number): Part | undefined {
  return fs.existsSync(path) ? openPart(path, start) : undefined;
}
