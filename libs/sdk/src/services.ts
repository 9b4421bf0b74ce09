import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { ConnectionError, NotFoundError, SandboxedError } from './errors.ts';
import { reasonOf } from './http/backoff.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { Patience } from './http/patience.ts';
import { isPassing } from './http/refusal.ts';
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

export interface FollowLogOptions extends LogOptions {
  /** Called where text is missing that is not kept any more, as after a long absence; with how many bytes of it where that is known. */
  readonly onGap?: (lostBytes: number | undefined) => void;
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
   * The last lines that a service wrote, and what it goes on to write, until the reader has enough, the service is removed or the sandbox
   * sleeps. Goes on by itself when the connection breaks, with nothing twice and nothing left out that is kept. Throws
   * `ConnectionError` when it could not be taken up for as long as the client has patience; at once in a sandbox that was started by
   * a version whose logs could not be taken up.
   */
  async *follow(
    name: string,
    { tail, signal, onGap }: FollowLogOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const patience = new Patience(
      `The log of ${name}`,
      this.#client.patienceMs,
    );
    let last: string | undefined;
    let isBegun = false;
    for (;;) {
      patience.begin();
      let cause: unknown;
      try {
        const events = openedEvents(this.#client, {
          ...this.#log(name),
          query: { tail, follow: true },
          signal,
          ...(last !== undefined && { last }),
          onSign() {
            patience.sign();
          },
        });
        for await (const event of events) {
          last = event.id ?? last;
          if (event.type === 'trimmed') onGap?.(bytesOf(dataOf(event)));
          if (event.type !== 'log') continue;
          patience.progress();
          isBegun = true;
          yield textOf(dataOf(event));
        }
      } catch (error) {
        if (signal?.aborted === true) throw reasonOf(signal);
        if (last !== undefined && isOver(error)) return;
        const isFinal = error instanceof SandboxedError && !mayPass(error);
        if (isFinal) throw error;
        cause = error;
      }
      // Nothing says where to go on.
      if (last === undefined && cause === undefined) return;
      if (last === undefined && isBegun) throw brokenOff(name, cause);
      await patience.pause(cause, signal);
    }
  }

  #log(name: string) {
    return {
      path: '/v1/sandboxes/{id}/services/{name}/logs',
      params: { id: this.#id, name },
    };
  }
}

/** Whether it writes no more: its sandbox sleeps, or it is gone. */
function isOver(error: unknown): boolean {
  return (
    error instanceof NotFoundError ||
    (error instanceof SandboxedError && error.code === 'sandbox_not_running')
  );
}

/** Whether another try may be answered, also by an agent that did not answer. */
function mayPass(error: SandboxedError): boolean {
  return isPassing(error) || error.code === 'agent_unreachable';
}

function brokenOff(name: string, cause: unknown): SandboxedError {
  if (cause instanceof SandboxedError) return cause;
  return new ConnectionError(
    `The log of ${name} broke off.`,
    { code: 'connection_failed', retryable: true },
    { cause },
  );
}

function bytesOf(data: unknown): number | undefined {
  return typeof data === 'object' &&
    data !== null &&
    'bytes' in data &&
    typeof data.bytes === 'number'
    ? data.bytes
    : undefined;
}

function textOf(data: unknown): string {
  return typeof data === 'object' &&
    data !== null &&
    'text' in data &&
    typeof data.text === 'string'
    ? data.text
    : '';
}
