import type { Camel } from './camel.ts';
import { toCamel } from './camel.ts';
import { errorOf } from './errors.ts';
import type { FollowOptions, SandboxedEvent } from './events.ts';
import { follow } from './events.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import type { components } from './wire.ts';

/** Work that the installation does for a call. */
export type Job = Camel<components['schemas']['Job']>;

/** The job once it has ended, however it did. Aborting the signal ends the wait, not the job. */
export async function ended(
  client: Client,
  id: string,
  options: CallOptions = {},
): Promise<components['schemas']['Job']> {
  for (;;) {
    const job = await client.json(
      'get',
      '/v1/jobs/{id}',
      { params: { id }, query: { wait: client.holdSeconds } },
      { ...options, patienceMs: client.patienceMs },
    );
    if (job.status !== 'queued' && job.status !== 'running') return job;
  }
}

/** Like {@link ended}; throws what the job failed of. */
export async function done(
  client: Client,
  id: string,
  options: CallOptions = {},
): Promise<components['schemas']['Job']> {
  const job = await ended(client, id, options);
  if (job.status === 'succeeded') return job;
  throw jobError(job.error ?? cancelled);
}

const cancelled = {
  code: 'cancelled',
  message: 'The job was cancelled.',
  retryable: false,
} as const;

/** What a job failed of, as an error. */
export function jobError({
  code,
  message,
  retryable,
}: components['schemas']['Failure']): Error {
  return errorOf(message, { code, retryable });
}

/** Jobs of an installation. */
export class Jobs {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads a job. */
  async get(id: string, options: CallOptions = {}): Promise<Job> {
    const call = { params: { id } };
    return toCamel(
      await this.#client.json('get', '/v1/jobs/{id}', call, options),
    );
  }

  /** Waits for a job's end, however it ends. */
  async wait(id: string, options: CallOptions = {}): Promise<Job> {
    return toCamel(await ended(this.#client, id, options));
  }

  /** Asks a command, task or change to end. Throws `ConflictError` when it is over. */
  async cancel(id: string, options: CallOptions = {}): Promise<Job> {
    const call = { params: { id }, body: {} };
    return toCamel(
      await this.#client.json('post', '/v1/jobs/{id}/cancel', call, options),
    );
  }

  /** What a job tells, to its end; goes on by itself when the connection breaks. */
  events(
    id: string,
    options: FollowOptions = {},
  ): AsyncGenerator<SandboxedEvent, void, undefined> {
    return follow(
      {
        client: this.#client,
        path: '/v1/jobs/{id}/events',
        params: { id },
        jobId: id,
      },
      options,
    );
  }
}
