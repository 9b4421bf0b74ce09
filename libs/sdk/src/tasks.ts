import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import type { SandboxedEvent } from './events.ts';
import { follow } from './events.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { done, ended, jobError } from './jobs.ts';
import type { components } from './wire.ts';

type CreateTask = components['schemas']['CreateTask'];

/** Work that was handed to a coding agent. */
export type Task = Camel<components['schemas']['Task']>;
/** What a task ended with: `status`, why it failed, what changed, whether the app builds and answers, what it cost. */
export type TaskResult = Camel<components['schemas']['TaskResult']>;

export interface TaskOptions
  extends Omit<Camel<CreateTask>, 'env'>, CallOptions {
  /** Variables of the agent's environment, such as its provider's key. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Coding agents at work in a sandbox, one task at a time; later ones wait. */
export class Tasks {
  readonly #client: Client;
  readonly #id: string;

  constructor(client: Client, sandboxId: string) {
    this.#client = client;
    this.#id = sandboxId;
  }

  /**
   * Hands a prompt to an agent. `for await (const event of task)` tells what it does, `task.result()` how it ended. Aborting the
   * signal cancels the task.
   */
  async run({ signal, ...request }: TaskOptions): Promise<TaskRun> {
    const { id } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/tasks',
      { params: { id: this.#id }, body: fromCamel<CreateTask>(request) },
      signal === undefined ? {} : { signal },
    );
    return new TaskRun(this.#client, this.#id, id, signal);
  }

  /** Reads a task, with its result once it has ended. Throws `NotFoundError`. */
  async get(taskId: string, options: CallOptions = {}): Promise<Task> {
    const call = { params: { id: this.#id, taskId } };
    const path = '/v1/sandboxes/{id}/tasks/{taskId}';
    return toCamel(await this.#client.json('get', path, call, options));
  }

  /** The newest tasks, newest first, without their results. At most 200. */
  async list(options: CallOptions = {}): Promise<readonly Task[]> {
    const { items } = await this.#client.json(
      'get',
      '/v1/sandboxes/{id}/tasks',
      { params: { id: this.#id }, query: { limit: 200 } },
      options,
    );
    return toCamel(items);
  }

  /** A task that was begun elsewhere, to follow or to wait for. */
  attach(taskId: string, { signal }: CallOptions = {}): TaskRun {
    return new TaskRun(this.#client, this.#id, taskId, signal);
  }

  /** Brings the app directory back to how it was before a task. */
  async revert(taskId: string, options: CallOptions = {}): Promise<void> {
    const { job_id } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/tasks/{taskId}/revert',
      { params: { id: this.#id, taskId }, body: {} },
      options,
    );
    await done(this.#client, job_id, options);
  }
}

/** A task under way. */
export class TaskRun implements AsyncIterable<SandboxedEvent> {
  readonly #client: Client;
  readonly #sandboxId: string;
  readonly #signal: AbortSignal | undefined;
  /** The task's, by which {@link Tasks.attach} finds it again. */
  readonly id: string;

  constructor(
    client: Client,
    sandboxId: string,
    id: string,
    signal: AbortSignal | undefined,
  ) {
    this.#client = client;
    this.#sandboxId = sandboxId;
    this.#signal = signal;
    this.id = id;
  }

  /** What the agent does, from its beginning to its end. To stop reading leaves it at work. */
  async *[Symbol.asyncIterator](): AsyncGenerator<
    SandboxedEvent,
    void,
    undefined
  > {
    try {
      yield* follow(
        {
          client: this.#client,
          path: '/v1/sandboxes/{id}/tasks/{taskId}/events',
          params: { id: this.#sandboxId, taskId: this.id },
          jobId: this.id,
        },
        this.#options(),
      );
    } finally {
      await this.#cancelIfAborted();
    }
  }

  /** How it ended, once it has: also a failure is a result. Throws for a task that never began, such as for want of memory. */
  async result(): Promise<TaskResult> {
    try {
      const job = await ended(this.#client, this.id, this.#options());
      const { result } = await new Tasks(this.#client, this.#sandboxId).get(
        this.id,
        this.#options(),
      );
      if (result !== undefined) return result;
      throw jobError(
        job.error ?? {
          code: 'cancelled',
          message: 'The task was cancelled before it began.',
          retryable: false,
        },
      );
    } finally {
      await this.#cancelIfAborted();
    }
  }

  /** Asks the agent to end, which it does within 10 s. Throws `ConflictError` when it is over. */
  async cancel(): Promise<void> {
    await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/tasks/{taskId}/cancel',
      { params: { id: this.#sandboxId, taskId: this.id }, body: {} },
    );
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
