import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import type { Readable } from 'node:stream';
import type { OutputStream } from '../protocol.ts';
import type { OutputPipes, PipePool } from './pipe-pool.ts';

/** How the leader of a group ended; `code` is 128 + n after signal n. */
export type Ending = { readonly code: number; readonly signal?: string };

/** A running child that leads a process group of its own. */
export type Group = {
  readonly pid: number;
  /** Resolves when the leader has ended. */
  readonly ended: Promise<Ending>;
  /** Resolves when nobody holds its outputs open any more. */
  readonly outputEnded: Promise<void>;
};

/** A command that could not be started; `exitCode` as a shell would answer. */
export class SpawnFailure extends Error {
  override readonly name = 'SpawnFailure';
  readonly exitCode: 126 | 127;

  constructor(exitCode: 126 | 127, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What to start. */
export type SpawnRequest = {
  /** The program, then its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Given to the child, then closed; nothing means /dev/null. */
  readonly stdin?: string | undefined;
  /** Nothing is started once it is aborted. */
  readonly stopping?: AbortSignal;
  /** Called for each piece of output; must not keep the buffer. */
  readonly onOutput: (stream: OutputStream, chunk: Buffer) => void;
};

/** Starts a child as leader of its own group. Throws {@link SpawnFailure}. */
export async function spawnGroup(
  pipes: PipePool,
  request: SpawnRequest,
): Promise<Group> {
  if (!isDirectory(request.cwd))
    throw new SpawnFailure(126, `no such directory: ${request.cwd}`);
  const own = await pipes.take();
  try {
    if (request.stopping?.aborted === true)
      throw new SpawnFailure(126, 'the sandbox is stopping');
    const child = launch(request, own);
    const outputs = [
      relay(own?.stdout.reader ?? child.stdout, 'stdout', request),
      relay(own?.stderr.reader ?? child.stderr, 'stderr', request),
    ];
    const ended = ending(child);
    const pid = await started(child);
    // Once those who wait for it are told that it runs.
    setImmediate(preferForOom, pid);
    writeStdin(child, request.stdin);
    return {
      pid,
      ended,
      outputEnded: Promise.all(outputs).then(() => undefined),
    };
  } catch (error) {
    own?.stdout.reader.destroy();
    own?.stderr.reader.destroy();
    throw asSpawnFailure(error, request.argv[0] ?? '');
  } finally {
    if (own !== undefined) {
      fs.closeSync(own.stdout.writeEnd);
      fs.closeSync(own.stderr.writeEnd);
    }
  }
}

function launch(
  request: SpawnRequest,
  own: OutputPipes | undefined,
): ChildProcess {
  return spawn(request.argv[0] ?? '', request.argv.slice(1), {
    cwd: request.cwd,
    env: request.env,
    detached: true,
    stdio: [
      request.stdin === undefined ? 'ignore' : 'pipe',
      own?.stdout.writeEnd ?? 'pipe',
      own?.stderr.writeEnd ?? 'pipe',
    ],
  });
}

function started(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return Promise.resolve(child.pid);
  return new Promise((_resolve, reject) => {
    child.once('error', reject);
  });
}

function ending(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ code: code ?? 0 });
      else resolve({ code: 128 + os.constants.signals[signal], signal });
    });
  });
}

function relay(
  output: Readable | null,
  stream: OutputStream,
  { onOutput }: SpawnRequest,
): Promise<void> {
  return new Promise((resolve) => {
    if (output === null) {
      resolve();
      return;
    }
    output.on('data', (chunk: Buffer) => {
      onOutput(stream, chunk);
    });
    // A broken pipe ends like a closed one; 'close' follows either.
    output.on('error', () => undefined);
    output.once('close', resolve);
  });
}

function writeStdin(child: ChildProcess, text: string | undefined): void {
  if (text === undefined || child.stdin === null) return;
  // A child need not read its input: EPIPE is its choice.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
}

/** When the sandbox is out of memory, the kernel shall take a command and not the agent. */
export function preferForOom(pid: number): void {
  try {
    fs.writeFileSync(`/proc/${String(pid)}/oom_score_adj`, '500');
  } catch {
    // It may have ended already, or /proc is not writable here; then the kernel chooses by size.
  }
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function asSpawnFailure(error: unknown, command: string): SpawnFailure {
  const name = command.slice(0, 200);
  const code =
    error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT')
    return new SpawnFailure(127, `command not found: ${name}`);
  const detail = error instanceof Error ? error.message : String(error);
  return new SpawnFailure(126, `cannot start ${name}: ${detail.slice(0, 500)}`);
}
