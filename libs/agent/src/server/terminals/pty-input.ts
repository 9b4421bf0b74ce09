import fs from 'node:fs';

/** Between tries to write to a terminal whose program does not read. Milliseconds. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 50;

/** What is typed into a terminal. */
export type PtyInput = {
  /** False: not all of it is taken yet, and no more is to come before `onDrain`. */
  readonly write: (bytes: Buffer) => boolean;
  readonly close: () => void;
};

/**
 * Writes to a terminal's non-blocking descriptor itself: libuv writes to one as if it blocked, and a program that does not read would
 * hold up the whole process. Nothing tells when there is room, so it is tried again.
 */
export function createPtyInput(
  fd: number,
  isOpen: () => boolean,
  onDrain: () => void,
): PtyInput {
  let waiting: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;

  function flush(): void {
    timer = undefined;
    for (;;) {
      const [first] = waiting;
      if (first === undefined || !isOpen()) {
        waiting = [];
        return;
      }
      const written = writeSome(fd, first);
      if (written === undefined) {
        timer = setTimeout(retry, retryMs);
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
        return;
      }
      retryMs = FIRST_RETRY_MS;
      if (written < first.length) waiting[0] = first.subarray(written);
      else waiting.shift();
    }
  }

  function retry(): void {
    flush();
    if (waiting.length === 0) onDrain();
  }

  return {
    write(bytes) {
      // A copy: the piece may be a small part of a large buffer.
      waiting.push(Buffer.from(bytes));
      if (timer === undefined) flush();
      return waiting.length === 0;
    },
    close() {
      clearTimeout(timer);
      waiting = [];
    },
  };
}

/** How many bytes went; undefined when there is no room. All of them do into a terminal that is over. */
function writeSome(fd: number, bytes: Buffer): number | undefined {
  try {
    return fs.writeSync(fd, bytes);
  } catch (error) {
    const isFull =
      error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    return isFull ? undefined : bytes.length;
  }
}
