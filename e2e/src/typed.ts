import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PROGRAM = join(import.meta.dirname, '../../dist/sandboxed.mjs');

/** How a program that was typed ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program under way, as somebody at a shell has it. */
export interface Typed {
  /** All that it wrote to stdout so far. */
  readonly said: () => string;
  /** Types into its stdin. */
  type(text: string): void;
  endInput(): void;
  signal(name: 'SIGINT' | 'SIGTERM'): void;
  /** Resolves once its stdout, from `from` on, has this text; rejects when it ends or 60 s pass without. */
  shows(text: string, from?: number): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Types commands of `sandboxed`, for one installation, with an environment of nothing else. */
export class Shell {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Set<
    ChildProcessByStdio<Writable, Readable, Readable>
  >();

  /** `home` is empty, so that nobody's settings are read. */
  constructor(api: string, home: string) {
    this.#environment = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      SANDBOXED_URL: api,
      TERM: 'xterm-256color',
    };
  }

  /** The command line of the program, for a shell that runs it. */
  static readonly words: readonly string[] = [process.execPath, PROGRAM];

  /** Begins `sandboxed <argument…>`. */
  begin(
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Typed {
    return this.beginProgram([...Shell.words, ...argv], environment);
  }

  /** Begins another program in the same surroundings. */
  beginProgram(
    [program = '', ...argv]: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Typed {
    const child = spawn(program, argv, {
      env: { ...this.#environment, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => (stdout += text));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (stderr += text));
    // Who reads no input may be gone before it comes.
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'close').then(() => {
      this.#running.delete(child);
      return { code: child.exitCode, stdout, stderr };
    });
    return {
      said: () => stdout,
      type: (text) => child.stdin.write(text),
      endInput: () => child.stdin.end(),
      signal: (name) => child.kill(name),
      async shows(text, from = 0) {
        const signal = AbortSignal.timeout(60_000);
        while (!stdout.slice(from).includes(text)) {
          const going = await Promise.race([
            once(child.stdout, 'data', { signal }).then(() => true),
            ended.then(() => false),
          ]).catch(() => false);
          if (!going && !stdout.slice(from).includes(text))
            throw new Error(
              `${JSON.stringify(text)} is not in ${JSON.stringify(stdout)}, nor is it told by ${JSON.stringify(stderr)}`,
            );
        }
      },
      ended,
    };
  }

  /** Runs `sandboxed <argument…>` to its end, with this as its input. */
  async run(
    argv: readonly string[],
    {
      input = '',
      environment = {},
    }: {
      readonly input?: string;
      readonly environment?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Ended> {
    const typed = this.begin(argv, environment);
    typed.type(input);
    typed.endInput();
    return typed.ended;
  }

  /** Like {@link run}, and answers what it printed; throws when it does not end with 0. */
  async ok(
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv, { environment });
    if (code !== 0)
      throw new Error(
        `sandboxed ${argv.join(' ')} → ${String(code)}: ${stderr}`,
      );
    return stdout;
  }

  /** Kills what still runs. */
  async close(): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  }
}

/** Words as one line of a POSIX shell. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}
