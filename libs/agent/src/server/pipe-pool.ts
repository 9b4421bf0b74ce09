import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createTurns } from './turns.ts';

const BATCH = 32;
const LOW = 8;

/** Both ends of a pipe: the parent reads, the child is given `writeEnd` (a descriptor to close after the spawn). */
type OutputPipe = {
  readonly reader: net.Socket;
  readonly writeEnd: number;
};

/** What one child writes to. */
export type OutputPipes = {
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
};

/** Makes pipes for the output of children. */
export type PipePool = {
  /** Makes the first pipes, so that the first command need not wait for them, and one of this name that stays. */
  readonly prepare: (name: string) => void;
  /** Fresh pipes, in the order of asking and for one child in each turn of the event loop, or undefined where the image has no `mkfifo`. */
  readonly take: () => Promise<OutputPipes | undefined>;
};

/**
 * Node gives a child sockets for its outputs, and a socket cannot be opened again through /dev/stdout or /dev/stderr,
 * which shell scripts and servers do all the time. So we make real pipes: named ones, made some in advance, and removed
 * from the directory as soon as both ends are open. Those that an earlier agent left are as good.
 */
export function createPipePool(directory: string): PipePool {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ready = leftPipes(directory);
  const waiting: ((names: readonly string[]) => void)[] = [];
  const staying: string[] = [];
  const turns = createTurns();
  let made = Math.max(0, ...ready.map((name) => Number(path.basename(name))));
  let supported = true;
  let filling = false;

  async function fill(): Promise<void> {
    filling = true;
    const paths = Array.from({ length: BATCH }, () =>
      path.join(directory, String((made += 1))),
    );
    if (await makeFifos([...staying.splice(0), ...paths])) ready.push(...paths);
    else supported = false;
    filling = false;
    serve();
  }

  /** Two for each: one that held a pipe while it waited for its other would keep a second from beginning. */
  function serve(): void {
    while (waiting.length > 0 && (ready.length >= 2 || !supported))
      waiting.shift()?.(ready.splice(0, 2));
    if (!supported || filling) return;
    if (ready.length < LOW || staying.length > 0) void fill();
  }

  return {
    prepare(name) {
      if (!isThere(name)) staying.push(name);
      serve();
    },
    async take() {
      const [stdout, stderr] = await new Promise<readonly string[]>(
        (resolve) => {
          waiting.push(resolve);
          serve();
        },
      );
      await turns.next();
      return stdout === undefined || stderr === undefined
        ? undefined
        : openPipes(stdout, stderr);
    },
  };
}

/** Whatever it is: a link that leads nowhere, too. */
function isThere(name: string): boolean {
  return fs.lstatSync(name, { throwIfNoEntry: false }) !== undefined;
}

/** Whatever else is there goes. */
function leftPipes(directory: string): string[] {
  const left: string[] = [];
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const name = path.join(directory, entry.name);
    if (entry.isFIFO() && /^[1-9][0-9]{0,8}$/.test(entry.name)) left.push(name);
    else fs.rmSync(name, { recursive: true, force: true });
  }
  return left;
}

function makeFifos(paths: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('mkfifo', ['-m', '600', ...paths], { timeout: 5_000 }, (error) => {
      resolve(error === null);
    });
  });
}

function openPipes(stdout: string, stderr: string): OutputPipes {
  const first = openPipe(stdout);
  try {
    return { stdout: first, stderr: openPipe(stderr) };
  } catch (error) {
    first.reader.destroy();
    fs.closeSync(first.writeEnd);
    throw error;
  }
}

function openPipe(name: string): OutputPipe {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
  // Without O_NONBLOCK either open would wait for the other.
  const readEnd = fs.openSync(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const writeEnd = fs.openSync(name, O_WRONLY | O_NOFOLLOW);
    fs.unlinkSync(name);
    const reader = new net.Socket({
      fd: readEnd,
      readable: true,
      writable: false,
    });
    return { reader, writeEnd };
  } catch (error) {
    fs.closeSync(readEnd);
    throw error;
  }
}
