import type { Camel } from './camel.ts';
import { fromCamel } from './camel.ts';
import { errorOf } from './errors.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { withdrawable } from './http/withdrawable.ts';
import { done, Jobs } from './jobs.ts';
import type { components } from './wire.ts';
import { Work } from './work.ts';

type Exec = components['schemas']['Exec'];

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
  /** 128 + n after signal n, which `signal` names. */
  readonly exitCode: number;
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
    // What is held has no id yet by which it could be cancelled. What takes longer is waited for by its job.
    const wait = rest.signal === undefined ? this.#client.holdSeconds : 0;
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
    const { signal } = options;
    const processId = await new RunningCommand(
      this.#client,
      job_id,
      signal,
    ).begun();
    return { jobId: job_id, processId };
  }

  #submit(
    command: CommandLine,
    { signal, ...options }: CommandOptions,
    query: { readonly wait?: number },
    background = false,
  ) {
    const what =
      typeof command === 'string' ? { shell: command } : { cmd: command };
    const body = fromCamel<Exec>({ ...options, ...what, background });
    return withdrawable({
      signal,
      send: (signal) =>
        this.#client.json(
          'post',
          '/v1/sandboxes/{id}/exec',
          { params: { id: this.#id }, query, body },
          { signal },
        ),
      undo: ({ job_id }, signal) =>
        new Jobs(this.#client).cancel(job_id, { signal }),
    });
  }
}

/** A command under way. */
export class RunningCommand extends Work<OutputPiece> {
  /** Its job: `Jobs` knows more of it. */
  readonly jobId: string;

  constructor(client: Client, jobId: string, signal: AbortSignal | undefined) {
    super(client, signal);
    this.jobId = jobId;
  }

  /** How it ended, once it has. */
  result(): Promise<CommandResult> {
    return this.waited(async (options) => {
      const { result } = await done(this.client, this.jobId, options);
      return resultOf(result, this.jobId);
    });
  }

  /** The process of one in the background, once it has begun. */
  begun(): Promise<string> {
    return this.waited(async (options) => {
      const { result } = await done(this.client, this.jobId, options);
      const { process_id: processId } = fieldsOf(result);
      if (typeof processId === 'string') return processId;
      throw errorOf('The command did not begin.', { code: 'internal' });
    });
  }

  async cancel(options: CallOptions = {}): Promise<void> {
    await new Jobs(this.client).cancel(this.jobId, options);
  }

  protected async *events(
    options: CallOptions,
  ): AsyncGenerator<OutputPiece, void, undefined> {
    const events = new Jobs(this.client).events(this.jobId, options);
    for await (const event of events)
      if (event.type === 'stdout' || event.type === 'stderr')
        yield { stream: event.type, text: event.data.text };
  }
}

/** How a command ended, by what its job or a held call answers. */
function resultOf(answer: unknown, jobId: string): CommandResult {
  const { exit_code: exitCode, signal, ...rest } = fieldsOf(answer);
  if (typeof exitCode !== 'number')
    throw errorOf('It is not told how the command ended.', {
      code: 'internal',
    });
  return {
    exitCode,
    signal: typeof signal === 'string' ? signal : undefined,
    stdout: textOf(rest['stdout']),
    stderr: textOf(rest['stderr']),
    truncated: rest['truncated'] === true,
    timedOut: rest['timed_out'] === true,
    durationMs: Number(rest['duration_ms'] ?? 0),
    jobId,
  };
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
