import type { Camel } from './camel.ts';
import { fromCamel } from './camel.ts';
import { errorOf } from './errors.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { done, Jobs } from './jobs.ts';
import type { components } from './wire.ts';

type Exec = components['schemas']['Exec'];
type Ended = components['schemas']['EndedCommand'];

/** What a command takes besides itself. */
export interface CommandOptions
  extends
    Omit<Camel<Exec>, 'cmd' | 'shell' | 'background' | 'env' | 'stdin'>,
    CallOptions {
  /** Variables of its environment, besides the sandbox's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads. */
  readonly stdin?: string;
}

export interface RunOptions extends CommandOptions {
  /** Called with each piece of what it writes, as it does. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** How a command ended. */
export interface CommandResult {
  /** Undefined for one that a signal ended. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it wrote more than is kept (1 MiB). */
  readonly truncated: boolean;
  /** Whether its time was up. */
  readonly timedOut: boolean;
  readonly durationMs: number;
  readonly jobId: string;
}

/** A piece of what a command writes. */
export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** A shell line, or a program and its arguments. */
export type CommandLine = string | readonly string[];

/** How long the first call waits for a command's end; a longer one is waited for by its job. Seconds. */
const HOLD_SECONDS = 30;

/** Runs programs in a sandbox, in its app directory. One that sleeps is started first. */
export class Commands {
  readonly #client: Client;
  readonly #id: string;

  constructor(client: Client, sandboxId: string) {
    this.#client = client;
    this.#id = sandboxId;
  }

  /**
   * Runs a command to its end; an exit code that is not 0 is a result. Throws `SandboxedError` when it could not be run. Aborting
   * the signal ends the command.
   */
  async run(
    command: CommandLine,
    options: RunOptions = {},
  ): Promise<CommandResult> {
    const { onStdout, onStderr, ...rest } = options;
    if (onStdout !== undefined || onStderr !== undefined) {
      const running = await this.stream(command, rest);
      for await (const { stream, text } of running)
        (stream === 'stdout' ? onStdout : onStderr)?.(text);
      return running.result();
    }
    // What is held has no id yet by which it could be cancelled.
    const wait = rest.signal === undefined ? HOLD_SECONDS : 0;
    const answer = await this.#submit(command, rest, { wait });
    // With its end, or without when it takes longer.
    if ('duration_ms' in answer) return resultOf(answer, answer.job_id);
    return new RunningCommand(
      this.#client,
      answer.job_id,
      rest.signal,
    ).result();
  }

  /** Begins a command, whose output is read as it comes: `for await (const { stream, text } of command)`. */
  async stream(
    command: CommandLine,
    options: CommandOptions = {},
  ): Promise<RunningCommand> {
    const { job_id } = await this.#submit(command, options, {});
    return new RunningCommand(this.#client, job_id, options.signal);
  }

  /** Begins a program that goes on by itself, without a deadline unless one is given. It does not keep the sandbox awake. */
  async background(
    command: CommandLine,
    options: CommandOptions = {},
  ): Promise<{ readonly jobId: string; readonly processId: string }> {
    const { job_id } = await this.#submit(command, options, {}, true);
    const { result } = await done(this.#client, job_id, options);
    const { process_id: processId } = result as Partial<Ended>;
    if (processId !== undefined) return { jobId: job_id, processId };
    throw errorOf('The command did not begin.', { code: 'internal' });
  }

  #submit(
    command: CommandLine,
    { signal, ...options }: CommandOptions,
    query: { readonly wait?: number },
    background = false,
  ) {
    const what =
      typeof command === 'string' ? { shell: command } : { cmd: command };
    return this.#client.json(
      'post',
      '/v1/sandboxes/{id}/exec',
      {
        params: { id: this.#id },
        query,
        body: fromCamel<Exec>({ ...options, ...what, background }),
      },
      signal === undefined ? {} : { signal },
    );
  }
}

/** A command under way. */
export class RunningCommand implements AsyncIterable<OutputPiece> {
  readonly #client: Client;
  readonly #signal: AbortSignal | undefined;
  /** Its job: `Jobs` knows more of it. */
  readonly jobId: string;

  constructor(client: Client, jobId: string, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#signal = signal;
    this.jobId = jobId;
  }

  /** What it writes, from its beginning. To stop reading leaves it running; to abort the signal ends it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<
    OutputPiece,
    void,
    undefined
  > {
    const events = new Jobs(this.#client).events(this.jobId, this.#options());
    try {
      for await (const event of events)
        if (event.type === 'stdout' || event.type === 'stderr')
          yield { stream: event.type, text: event.data.text };
    } finally {
      await this.#cancelIfAborted();
    }
  }

  /** How it ended, once it has. */
  async result(): Promise<CommandResult> {
    try {
      const job = await done(this.#client, this.jobId, this.#options());
      // What a command's job ends with, a held call answers.
      return resultOf(job.result as Partial<Ended>, this.jobId);
    } finally {
      await this.#cancelIfAborted();
    }
  }

  /** Asks it to end. */
  async cancel(): Promise<void> {
    await new Jobs(this.#client).cancel(this.jobId);
  }

  #options(): CallOptions {
    return this.#signal === undefined ? {} : { signal: this.#signal };
  }

  async #cancelIfAborted(): Promise<void> {
    // It may be over by now.
    if (this.#signal?.aborted === true)
      await this.cancel().catch(() => undefined);
  }
}

function resultOf(result: Partial<Ended>, jobId: string): CommandResult {
  return {
    exitCode: result.exit_code,
    signal: result.signal,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    truncated: result.truncated ?? false,
    timedOut: result.timed_out ?? false,
    durationMs: result.duration_ms ?? 0,
    jobId,
  };
}
