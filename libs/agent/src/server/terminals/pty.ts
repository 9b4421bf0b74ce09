import tty from 'node:tty';
import * as z from 'zod';
import type { TerminalSize } from '../../terminal-protocol.ts';
import { signalGroup } from '../process-group.ts';
import { createPtyInput } from './pty-input.ts';

/** What its program left behind may hold a terminal open for ever. Milliseconds. */
const OUTPUT_GRACE_MS = 1_000;
/** Between hanging up and KILL. Milliseconds. */
const HANG_UP_MS = 5_000;

/**
 * The native part of node-pty. Its JavaScript part is not used: it throws away what is unread 200 ms after a program's end, which
 * a reader that is held back loses, and tells nobody when what is typed piles up.
 */
export type PtyAddon = {
  readonly fork: (
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ) => { readonly fd: number; readonly pid: number };
  readonly resize: (fd: number, cols: number, rows: number) => void;
};

const isFunction = (value: unknown): boolean => typeof value === 'function';
const addonSchema = z.object({
  fork: z.custom<PtyAddon['fork']>(isFunction),
  resize: z.custom<PtyAddon['resize']>(isFunction),
});

/** Loads it; 70 KB that a sandbox without terminals goes without. Throws when it does not fit this system. */
export function loadPtyAddon(file: string): PtyAddon {
  // Not by `require`, which an agent that began with a snapshot has for Node's own modules alone.
  const loaded: { exports: unknown } = { exports: {} };
  process.dlopen(loaded, file);
  return addonSchema.parse(loaded.exports);
}

/** A program that leads a session on a terminal of its own. */
export type Pty = {
  /** False: no more until `onDrain`. */
  readonly write: (bytes: Buffer) => boolean;
  readonly resize: (size: TerminalSize) => void;
  /** Stops reading: the program waits once the kernel's few KiB are full. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Closes the terminal, which tells its programs so (SIGHUP); KILL to what leads them 5 s later. */
  readonly hangUp: () => void;
  /** Resolves with the exit code, 128 + n after signal n, once all output was told. */
  readonly ended: Promise<number>;
};

/** Starts a program. Throws when there is no terminal or process to be had. */
export function openPty(
  addon: PtyAddon,
  request: TerminalSize & {
    readonly argv: readonly [string, ...string[]];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly onPid: (pid: number) => void;
    readonly onOutput: (bytes: Buffer) => void;
    readonly onDrain: () => void;
  },
): Pty {
  const [file, ...args] = request.argv;
  const exit = Promise.withResolvers<number>();
  let exited = false;
  const { fd, pid } = addon.fork(
    file,
    args,
    Object.entries(request.env).map(([name, value]) => `${name}=${value}`),
    request.cwd,
    request.cols,
    request.rows,
    // As we are.
    -1,
    -1,
    true,
    '',
    (code, signal) => {
      exited = true;
      exit.resolve(signal > 0 ? 128 + signal : code);
    },
  );
  request.onPid(pid);
  const stream = new tty.ReadStream(fd);
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });
  // EIO is how a terminal ends that nobody has open any more.
  stream.on('error', () => undefined);
  stream.on('data', request.onOutput);
  const input = createPtyInput(fd, () => !stream.destroyed, request.onDrain);

  async function settled(): Promise<number> {
    const code = await exit.promise;
    const timer = setInterval(() => {
      // Held back by its reader: what was written before the end is still to be read.
      if (!stream.isPaused()) stream.destroy();
    }, OUTPUT_GRACE_MS);
    await closed;
    clearInterval(timer);
    return code;
  }

  return {
    write: input.write,
    resize({ cols, rows }) {
      if (!stream.destroyed) addon.resize(fd, cols, rows);
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    hangUp() {
      input.close();
      stream.destroy();
      const timer = setTimeout(() => {
        if (!exited) signalGroup(pid, 'SIGKILL');
      }, HANG_UP_MS);
      void exit.promise.then(() => {
        clearTimeout(timer);
      });
    },
    ended: settled(),
  };
}
