import type { Camel } from './camel.ts';
import { toCamel } from './camel.ts';
import { ConnectionError } from './errors.ts';
import { backoffMs, pause, reasonOf } from './http/backoff.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { serverEvents } from './http/server-events.ts';
import type { components } from './wire.ts';

/** What the events of a stream hold, by their type. */
export type EventData = Camel<components['schemas']['Events']>;

/** Between where a stream was and what follows, events are no longer kept. */
interface Trimmed {
  readonly type: 'trimmed';
  readonly id: string | undefined;
  readonly data: { readonly message: string };
}

/** One event of a stream, told apart by `type`. `data.at` is when it happened, in RFC 3339. */
export type SandboxedEvent =
  | {
      readonly [T in keyof EventData]: {
        readonly type: T;
        /** Of all events of the installation the greater came later. */
        readonly id: string | undefined;
        readonly data: EventData[T] & { readonly at: string };
      };
    }[keyof EventData]
  | Trimmed;

export interface FollowOptions extends CallOptions {
  /** The id of the last event that was seen: what follows comes. The beginning unless given. */
  readonly after?: string;
}

/** A stream of the API, and how it is read. */
interface Followed {
  readonly client: Client;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Whether it ends by an event `done`, as the stream of a job does. */
  readonly isOfJob: boolean;
}

/**
 * Follows a stream: one that breaks off is taken up after the last event that came, so that each comes once. Ends with a job's
 * `done`. Throws `ConnectionError` when it cannot be taken up, and what the API refuses it with.
 */
export async function* follow(
  { client, path, params, isOfJob }: Followed,
  { signal, after }: FollowOptions = {},
): AsyncGenerator<SandboxedEvent, void, undefined> {
  let last = after;
  let failures = 0;
  for (;;) {
    const silence = new AbortController();
    let cause: unknown;
    try {
      for await (const event of once(client, path, params, {
        silence,
        last,
        signal,
      })) {
        last = event.id ?? last;
        failures = 0;
        yield event;
        if (isOfJob && (event.type === 'done' || event.type === 'trimmed'))
          return;
      }
    } catch (error) {
      if (error instanceof Refused) throw error.cause;
      cause = error;
    } finally {
      silence.abort();
    }
    if (signal?.aborted === true) throw reasonOf(signal);
    failures += 1;
    if (failures > client.maxRetries)
      throw new ConnectionError(
        `The stream ${path} broke off and could not be taken up.`,
        { code: 'connection_failed', retryable: true },
        { cause },
      );
    await pause(backoffMs(failures, undefined, Math.random()) ?? 0, signal);
  }
}

/** Marks what the API refused, which is not mended by another try. */
class Refused extends Error {}

async function* once(
  client: Client,
  path: string,
  params: Readonly<Record<string, string>>,
  {
    silence,
    last,
    signal,
  }: {
    readonly silence: AbortController;
    readonly last: string | undefined;
    readonly signal: AbortSignal | undefined;
  },
): AsyncGenerator<SandboxedEvent, void, undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const signOfLife = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      silence.abort(new Error('the stream is silent'));
    }, client.silenceMs);
  };
  try {
    const response = await client
      .raw({
        method: 'get',
        path,
        params,
        headers: {
          accept: 'text/event-stream',
          ...(last !== undefined && { 'last-event-id': last }),
        },
        signal:
          signal === undefined
            ? silence.signal
            : AbortSignal.any([signal, silence.signal]),
      })
      .catch((error: unknown) => {
        throw new Refused('refused', { cause: error });
      });
    signOfLife();
    if (response.body === null) return;
    for await (const { id, type, data } of serverEvents(
      response.body,
      signOfLife,
    ))
      // The installation keeps to its document, of which the types are made.
      yield { id, type, data: toCamel(parsed(data)) } as SandboxedEvent;
  } finally {
    clearTimeout(timer);
  }
}

function parsed(json: string): unknown {
  return JSON.parse(json);
}
