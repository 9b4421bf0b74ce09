import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { serverEvents } from './http/server-events.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
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
    const { job_id } = await this.#client.json(
      'delete',
      '/v1/sandboxes/{id}/services/{name}',
      { params: { id: this.#id, name } },
      options,
    );
    await done(this.#client, job_id, options);
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
  async logs(name: string, options: LogOptions = {}): Promise<string> {
    return (await this.#log(name, options, false)).text();
  }

  /** The last lines that a service wrote, and what it goes on to write, until the reader has enough or the connection breaks. */
  async *follow(
    name: string,
    options: LogOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const { body } = await this.#log(name, options, true);
    if (body === null) return;
    for await (const { data } of serverEvents(body, () => undefined)) {
      const { text } = JSON.parse(data) as { readonly text: string };
      yield text;
    }
  }

  #log(
    name: string,
    { tail, ...options }: LogOptions,
    follow: boolean,
  ): Promise<Response> {
    return this.#client.raw({
      method: 'get',
      path: '/v1/sandboxes/{id}/services/{name}/logs',
      params: { id: this.#id, name },
      query: { tail, follow },
      ...options,
    });
  }
}
