import type { Camel } from './camel.ts';
import { toCamel } from './camel.ts';
import { SandboxedError } from './errors.ts';
import { reasonOf } from './http/backoff.ts';
import type { Client } from './http/client.ts';
import type { CallOptions } from './http/connection.ts';
import { Patience } from './http/patience.ts';
import { isPassing } from './http/refusal.ts';
import { dataOf, openedEvents } from './http/server-events.ts';
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

/** An event of one sandbox among all. */
export type FeedEvent =
  | (Extract<
      SandboxedEvent,
      { readonly type: 'state' | 'job' | 'finding' | 'disk' }
    > & { readonly data: { readonly sandboxId: string } })
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
  /** The job that it tells of: it ends with an event `done`. */
  readonly jobId?: string;
}

/**
 * Follows a stream: one that ends or breaks off is taken up after the last event that came, so that each comes once. Ends with a
 * job's `done`. Throws `ConnectionError` when it could not be taken up for as long as the client has patience, and what the API
 * refuses it with.
 */
export async function* follow<T extends SandboxedEvent = SandboxedEvent>(
  { client, path, params, jobId }: Followed,
  { signal, after }: FollowOptions = {},
): AsyncGenerator<T, void, undefined> {
  let last = after;
  const patience = new Patience(`The stream ${path}`, client.patienceMs);
  let hasJobEnded = false;
  for (;;) {
    patience.begin();
    let isEmpty = true;
    let cause: unknown;
    try {
      const events = openedEvents(client, {
        ...{ path, params, signal },
        ...(last !== undefined && { last }),
        onSign() {
          patience.sign();
        },
      });
      for await (const event of events) {
        last = event.id ?? last;
        isEmpty = false;
        patience.progress();
        const { id, type } = event;
        // Where a feed stands: there is nothing to be told of it.
        if (type === 'position') continue;
        // The installation keeps to its document, of which the types are made.
        yield { id, type, data: toCamel(dataOf(event)) } as T;
        if (jobId !== undefined && (type === 'done' || type === 'trimmed'))
          return;
      }
    } catch (error) {
      if (signal?.aborted === true) throw reasonOf(signal);
      if (error instanceof SandboxedError && !isPassing(error)) throw error;
      cause = error;
    }
    if (jobId !== undefined && isEmpty && cause === undefined) {
      // It had nothing more to tell, twice now: what came in between was not missed.
      if (hasJobEnded) return;
      hasJobEnded = await hasEnded(client, jobId, signal);
      if (hasJobEnded) continue;
    }
    await patience.pause(cause, signal);
  }
}

async function hasEnded(
  client: Client,
  id: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { status } = await client.json(
    'get',
    '/v1/jobs/{id}',
    { params: { id } },
    {
      patienceMs: client.patienceMs,
      ...(signal !== undefined && { signal }),
    },
  );
  return status !== 'queued' && status !== 'running';
}
