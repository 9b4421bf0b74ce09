import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { Commands } from './commands.ts';
import { errorOf, NotFoundError } from './errors.ts';
import type { FeedEvent, FollowOptions, SandboxedEvent } from './events.ts';
import { follow } from './events.ts';
import { Files } from './files.ts';
import { Client } from './http/client.ts';
import type { CallOptions, Connection } from './http/connection.ts';
import type { Sent } from './http/request.ts';
import { WITHDRAW_MS, withdrawable } from './http/withdrawable.ts';
import { done } from './jobs.ts';
import { Preview } from './preview.ts';
import { Services } from './services.ts';
import { Tasks } from './tasks.ts';
import { Terminals } from './terminals/terminals.ts';
import type { components, paths } from './wire.ts';

type Wire = components['schemas'];
type Template = NonNullable<Wire['CreateSandbox']['template']>;
type Filter = Omit<
  NonNullable<paths['/v1/sandboxes']['get']['parameters']['query']>,
  'cursor' | 'limit'
>;

/** What a new sandbox is to be; everything may be left out. */
export type SandboxSpec = Partial<
  Omit<Camel<Wire['CreateSandbox']>, 'template'>
> & {
  /** A newer installation may have templates that this version does not know: it judges. */
  readonly template?: Template | (string & {});
};
/** What can be changed of a sandbox; a label that is null goes. */
export type SandboxChange = Partial<Camel<Wire['PatchSandbox']>>;
/** A sandbox as the installation tells of it. Times are RFC 3339, `keepaliveUntil` is in unix seconds. */
export type SandboxInfo = Camel<Wire['Sandbox']>;
/** The same with what it does just now. */
export type SandboxDetails = Camel<Wire['SandboxDetails']>;

/** What narrows a list of sandboxes; a label is `key:value`. */
export type ListFilter = Camel<Filter>;

/** Stop, which ends running work only when it is told to. */
export interface StopOptions extends CallOptions {
  readonly force?: boolean;
}

/**
 * A computer of its own for an app, a person or an agent. `await using sbx = await Sandbox.create(…)` stops it at the end of the
 * block; its files stay.
 */
export class Sandbox implements AsyncDisposable {
  readonly #client: Client;
  #info: SandboxInfo;
  /** Runs programs. */
  readonly commands: Commands;
  /** Reads and writes files. */
  readonly files: Files;
  /** Keeps programs running. */
  readonly services: Services;
  /** Hands work to coding agents. */
  readonly tasks: Tasks;
  /** Opens terminals. */
  readonly terminals: Terminals;

  private constructor(client: Client, info: SandboxInfo) {
    this.#client = client;
    this.#info = info;
    this.commands = new Commands(client, info.id);
    this.files = new Files(client, info.id);
    this.services = new Services(client, info.id);
    this.tasks = new Tasks(client, info.id);
    this.terminals = new Terminals(client, info.id);
  }

  /**
   * Makes a sandbox and waits until it runs. Throws `LimitError` at a quota, `UnavailableError` when the host is full; what could
   * not be made, or is no longer waited for, is deleted again, with its files unless its id is yours.
   */
  static async create(
    options: Connection & SandboxSpec & CallOptions,
  ): Promise<Sandbox> {
    const { client, call, rest } = split(options);
    const { template, ...spec } = rest;
    const body = fromCamel<Wire['CreateSandbox']>({
      ...spec,
      // The installation knows best what templates it has.
      ...(template !== undefined && { template: template as Template }),
    });
    const undo = ({ id }: { readonly id: string }, signal: AbortSignal) =>
      discard(client, id, options.id !== undefined, signal);
    const made = await withdrawable({
      signal: call.signal,
      send: (signal) =>
        client.json('post', '/v1/sandboxes', { body }, { signal }),
      undo,
    });
    try {
      if (made.job_id !== undefined) await done(client, made.job_id, call);
      const { patienceMs } = client;
      const info = await read(client, made.id, { ...call, patienceMs });
      return new Sandbox(client, info);
    } catch (error) {
      // Without it there would be a sandbox whose id nobody has.
      await undo(made, AbortSignal.timeout(WITHDRAW_MS)).catch(() => undefined);
      throw error;
    }
  }

  /** A sandbox that is there, in whatever state it is. Throws `NotFoundError`. */
  static async connect(
    id: string,
    options: Connection & CallOptions,
  ): Promise<Sandbox> {
    const { client, call } = split(options);
    return new Sandbox(client, await read(client, id, call));
  }

  /** All sandboxes, newest first; pages are read as they are needed. */
  static async *list(
    options: Connection & ListFilter & CallOptions,
  ): AsyncGenerator<Sandbox, void, undefined> {
    const { client, call, rest } = split(options);
    let cursor: string | undefined;
    do {
      const page = await client.json(
        'get',
        '/v1/sandboxes',
        {
          query: {
            ...fromCamel<Filter>(rest),
            ...(cursor !== undefined && { cursor }),
            limit: 200,
          },
        },
        call,
      );
      for (const item of page.items) yield new Sandbox(client, toCamel(item));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /**
   * What all sandboxes tell that the caller may see, from now on or after an event: transitions, jobs, findings, warnings. Goes on
   * by itself when the connection breaks; an event `trimmed` says that it missed something, as after a long absence. Has no end.
   */
  static feed(
    options: Connection & FollowOptions,
  ): AsyncGenerator<FeedEvent, void, undefined> {
    const { client, call, rest } = split(options);
    return follow<FeedEvent>(
      { client, path: '/v1/events', params: {} },
      { ...call, ...rest },
    );
  }

  get id(): string {
    return this.#info.id;
  }

  /** As it was when last something was heard of it; {@link refresh} asks anew. */
  get info(): SandboxInfo {
    return this.#info;
  }

  /** Asks how it is now, with its memory, processes, disk and services. */
  async refresh(options: CallOptions = {}): Promise<SandboxDetails> {
    const details = await read(this.#client, this.id, options);
    this.#info = details;
    return details;
  }

  /** Changes it; limits apply to what runs. */
  async update(
    change: SandboxChange,
    options: CallOptions = {},
  ): Promise<void> {
    this.#info = toCamel(
      await this.#client.json(
        'patch',
        '/v1/sandboxes/{id}',
        {
          params: { id: this.id },
          body: fromCamel<Wire['PatchSandbox']>(change),
        },
        options,
      ),
    );
  }

  /** Wakes it, and waits until it runs. */
  async start(options: CallOptions = {}): Promise<void> {
    const { job_id } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/start',
      { params: { id: this.id }, body: {} },
      options,
    );
    await this.#settled(job_id, options);
  }

  /** Stops it, and waits until it sleeps; its files stay. Throws `ConflictError` (`busy`) while something runs, unless forced. */
  async stop({ force = false, ...options }: StopOptions = {}): Promise<void> {
    const { job_id } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/stop',
      { params: { id: this.id }, body: { force } },
      options,
    );
    await this.#settled(job_id, options);
  }

  /** Keeps it awake for so many seconds, or until a time; for its idle timeout unless given. Answers until when. */
  async keepalive({
    seconds,
    until,
    ...options
  }: CallOptions & {
    readonly seconds?: number;
    readonly until?: Date;
  } = {}): Promise<Date> {
    const { keepalive_until } = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/keepalive',
      {
        params: { id: this.id },
        body: {
          ...(seconds !== undefined && { seconds }),
          ...(until !== undefined && {
            until: Math.floor(until.getTime() / 1_000),
          }),
        },
      },
      options,
    );
    return new Date(keepalive_until * 1_000);
  }

  /** Deletes it and keeps its files: a sandbox made with its id finds them. */
  async delete(options: CallOptions = {}): Promise<void> {
    const answer = await this.#client.remove(
      '/v1/sandboxes/{id}',
      { params: { id: this.id } },
      options,
    );
    if (answer?.job_id !== undefined)
      await done(this.#client, answer.job_id, options);
  }

  /** Deletes it and its files. */
  async purge(options: CallOptions = {}): Promise<void> {
    const answer = await this.#client.json(
      'post',
      '/v1/sandboxes/{id}/purge',
      { params: { id: this.id }, body: {} },
      options,
    );
    if (answer.job_id !== undefined)
      await done(this.#client, answer.job_id, options);
  }

  /** What it serves on a port. Throws `InvalidRequestError` for a port that it does not publish. */
  preview(port = this.#info.ports[0] ?? 3000): Preview {
    const url = this.#info.previewUrls[String(port)];
    if (url !== undefined) return new Preview(this.#client, this.id, port, url);
    throw errorOf(
      `The sandbox does not publish port ${String(port)}, but ${this.#info.ports.join(', ')}.`,
      { code: 'invalid_request' },
    );
  }

  /** Its own log: transitions, jobs, findings, warnings. Goes on by itself when the connection breaks; has no end. */
  events(
    options: FollowOptions = {},
  ): AsyncGenerator<SandboxedEvent, void, undefined> {
    return follow(
      {
        client: this.#client,
        path: '/v1/sandboxes/{id}/events',
        params: { id: this.id },
      },
      options,
    );
  }

  /** Stops it, whatever runs in it. One that is gone is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop({ force: true });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async #settled(
    jobId: string | undefined,
    options: CallOptions,
  ): Promise<void> {
    if (jobId !== undefined) await done(this.#client, jobId, options);
    await this.refresh(options);
  }
}

/** Deletes what nobody waits for any more. Files of an id that the caller chose may be older than this sandbox: they stay. */
async function discard(
  client: Client,
  id: string,
  keepsFiles: boolean,
  signal: AbortSignal,
): Promise<void> {
  const params = { id };
  if (keepsFiles)
    await client.remove('/v1/sandboxes/{id}', { params }, { signal });
  else
    await client.json(
      'post',
      '/v1/sandboxes/{id}/purge',
      { params, body: {} },
      { signal },
    );
}

async function read(
  client: Client,
  id: string,
  options: Sent,
): Promise<SandboxDetails> {
  const call = { params: { id } };
  return toCamel(await client.json('get', '/v1/sandboxes/{id}', call, options));
}

/** Takes what a call is made with from what it is about. */
function split<T extends Connection & CallOptions>({
  baseUrl,
  token,
  fetch,
  webSocket,
  maxRetries,
  patienceMs,
  silenceMs,
  signal,
  ...rest
}: T) {
  const client = new Client({
    baseUrl,
    ...(token !== undefined && { token }),
    ...(fetch !== undefined && { fetch }),
    ...(webSocket !== undefined && { webSocket }),
    ...(maxRetries !== undefined && { maxRetries }),
    ...(patienceMs !== undefined && { patienceMs }),
    ...(silenceMs !== undefined && { silenceMs }),
  });
  const call: CallOptions = signal === undefined ? {} : { signal };
  return { client, call, rest };
}
