import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import type { SandboxedEvent } from './events.ts';
import { follow } from './events.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import type { Sent } from './http/request.ts';
import { withdrawable } from './http/withdrawable.ts';
import { done, ended, jobError } from './jobs.ts';
import type { components } from './wire.ts';
import { Work } from './work.ts';

type CreateTask = components['schemas']['CreateTask'];

/** Work that was handed to a coding agent. */
export type Task = Camel<components['schemas']['Task']>;
/** What a task ended with: `status`, why it failed, what changed, whether the app builds and answers, what it cost. */
export type TaskResult = Camel<components['schemas']['TaskResult']>;

export interface TaskOptions
  extends Omit<Camel<CreateTask>, 'env'>, CallOptions {
  /** Variables of the agent's environment, such as its provider's key. */
  readonly env?: Readonly<Record<string, string>>;
  /** What becomes of it while another is at work: it waits (`queue`) unless `reject`, which throws `ConflictError`. */
  readonly ifBusy?: 'queue' | 'reject';
}

export interface TaskFilter extends CallOptions {
  readonly status?: Task['status'];
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
  async run({ signal, ifBusy, ...request }: TaskOptions): Promise<TaskRun> {
    const body = fromCamel<CreateTask>(request);
    const { id } = await withdrawable({
      signal,
      send: (signal) =>
        this.#client.json(
          'post',
          '/v1/sandboxes/{id}/tasks',
          {
            params: { id: this.#id },
            body,
            ...(ifBusy !== undefined && { query: { if_busy: ifBusy } }),
          },
          { signal },
        ),
      undo: ({ id }, signal) => this.attach(id).cancel({ signal }),
    });
    return this.attach(id, signal === undefined ? {} : { signal });
  }

  /** Reads a task, with its result once it has ended. Throws `NotFoundError`. */
  async get(taskId: string, options: Sent = {}): Promise<Task> {
    const call = { params: { id: this.#id, taskId } };
    const path = '/v1/sandboxes/{id}/tasks/{taskId}';
    return toCamel(await this.#client.json('get', path, call, options));
  }

  /** All tasks, newest first, without their results; pages are read as they are needed. */
  async *list({ status, ...options }: TaskFilter = {}): AsyncGenerator<
    Task,
    void,
    undefined
  > {
    let cursor: string | undefined;
    do {
      const page = await this.#client.json(
        'get',
        '/v1/sandboxes/{id}/tasks',
        {
          params: { id: this.#id },
          query: {
            limit: 200,
            ...(status !== undefined && { status }),
            ...(cursor !== undefined && { cursor }),
          },
        },
        options,
      );
      yield* toCamel(page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
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
export class TaskRun extends Work<SandboxedEvent> {
  readonly #sandboxId: string;
  /** The task's, by which {@link Tasks.attach} finds it again. */
  readonly id: string;

  constructor(
    client: Client,
    sandboxId: string,
    id: string,
    signal: AbortSignal | undefined,
  ) {
    super(client, signal);
    this.#sandboxId = sandboxId;
    this.id = id;
  }

  /** How it ended, once it has: also a failure is a result. Throws for a task that never began, such as for want of memory. */
  result(): Promise<TaskResult> {
    return this.waited(async (options) => {
      const job = await ended(this.client, this.id, options);
      const tasks = new Tasks(this.client, this.#sandboxId);
      const { patienceMs } = this.client;
      const { result } = await tasks.get(this.id, { ...options, patienceMs });
      if (result !== undefined) return result;
      throw jobError(
        job.error ?? {
          code: 'cancelled',
          message: 'The task was cancelled before it began.',
          retryable: false,
        },
      );
    });
  }

  /** Asks the agent to end, which it does within 10 s. Throws `ConflictError` when it is over. */
  async cancel(options: CallOptions = {}): Promise<void> {
    await this.client.json(
      'post',
      '/v1/sandboxes/{id}/tasks/{taskId}/cancel',
      { params: { id: this.#sandboxId, taskId: this.id }, body: {} },
      options,
    );
  }

  protected events(
    options: CallOptions,
  ): AsyncGenerator<SandboxedEvent, void, undefined> {
    return follow(
      {
        client: this.client,
        path: '/v1/sandboxes/{id}/tasks/{taskId}/events',
        params: { id: this.#sandboxId, taskId: this.id },
        jobId: this.id,
      },
      options,
    );
  }
}
