import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { ConnectionError, SandboxedError } from './errors.ts';
import { reasonOf } from './http/backoff.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { dataOf, openedEvents } from './http/server-events.ts';
import { done } from './jobs.ts';
import type { components } from './wire.ts';

type Spec = components['schemas']['ServiceSpec'];

/** A program that is kept running: it is started again when it ends, and with the sandbox. */
export type Service = Camel<components['schemas']['Service']>;
/** `command` is a shell line, `port` what it listens on, on 0.0.0.0. */
export type ServiceSpec = Omit<Camel<Spec>, 'env'> & {
  readonly env?: Readonly<Record<string, string>>;
};

export interface LogOptions extends CallOptions {
  /** Lines from the end; 200 unless given, 5,000 at most. */
  readonly tail?: number;
}

/** Programs that are kept running in a sandbox. */
export class Services {
  readonly #client: Client;
  readonly #id: string;

  constructor(client: Client, sandboxId: string) {
    this.#client = client;
    this.#id = sandboxId;
  }

  /** Those that were declared, and those that run because of the app's own files. */
  async list(options: CallOptions = {}): Promise<readonly Service[]> {
    const { items } = await this.#client.json(
      'get',
      '/v1/sandboxes/{id}/services',
      { params: { id: this.#id } },
      options,
    );
    return toCamel(items);
  }

  /** Declares a service, or another one of its name, and waits until it was begun. */
  async put(
    name: string,
    spec: ServiceSpec,
    options: CallOptions = {},
  ): Promise<void> {
    const { job_id } = await this.#client.json(
      'put',
      '/v1/sandboxes/{id}/services/{name}',
      { params: { id: this.#id, name }, body: fromCamel<Spec>(spec) },
      options,
    );
    await done(this.#client, job_id, options);
  }

  /** Stops and forgets a service. Throws `NotFoundError`. */
  async remove(name: string, options: CallOptions = {}): Promise<void> {
    const answer = await this.#client.remove(
      '/v1/sandboxes/{id}/services/{name}',
      { params: { id: this.#id, name } },
      options,
    );
    if (answer !== undefined) await done(this.#client, answer.job_id, options);
  }

  /** Ends a service and begins it again. Throws `NotFoundError`. */
  async restart(name: string, options: CallOptions = {}): Promise<void> {
    const { job_id } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/services/{name}/restart',
      { params: { id: this.#id, name }, body: {} },
      options,
    );
    await done(this.#client, job_id, options);
  }

  /** The last lines that a service wrote. The sandbox must run: throws `ConflictError`. */
  logs(name: string, options: LogOptions = {}): Promise<string> {
    const { tail, ...rest } = options;
    return this.#client.raw(
      { method: 'get', ...this.#log(name), query: { tail }, ...rest },
      (response) => response.text(),
    );
  }

  /**
   * The last lines that a service wrote, and what it goes on to write, until the reader has enough or the sandbox stops. Lines have no
   * number by which to go on, so throws `ConnectionError` when the connection breaks or goes silent: follow it again.
   */
  async *follow(
    name: string,
    { tail, signal }: LogOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const events = openedEvents(this.#client, {
      ...this.#log(name),
      query: { tail, follow: true },
      signal,
    });
    try {
      for await (const event of events) yield textOf(dataOf(event));
    } catch (cause) {
      if (signal?.aborted === true) throw reasonOf(signal);
      if (cause instanceof SandboxedError) throw cause;
      throw new ConnectionError(
        `The log of ${name} broke off.`,
        { code: 'connection_failed', retryable: true },
        { cause },
      );
    }
  }

  #log(name: string) {
    return {
      path: '/v1/sandboxes/{id}/services/{name}/logs',
      params: { id: this.#id, name },
    };
  }
}

function textOf(data: unknown): string {
  return typeof data === 'object' &&
    data !== null &&
    'text' in data &&
    typeof data.text === 'string'
    ? data.text
    : '';
}
