import { Redis, ReplyError } from 'ioredis';
import { settles } from './deadline.ts';

/** Longest pause between two tries to reconnect, in milliseconds: Redis coming back is noticed within it. */
const MAX_RECONNECT_PAUSE_MS = 1_000;
/** A command of a producer that has no answer by then is given up. Milliseconds. */
const COMMAND_TIMEOUT_MS = 2_000;
/** How long the first command may wait for the first connection. Milliseconds. */
const FIRST_CONNECTION_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A socket that the other side does not close by then is destroyed. Milliseconds. */
const DISCONNECT_TIMEOUT_MS = 200;
/** How long each step of a polite goodbye may take. Milliseconds. */
const GOODBYE_MS = 1_000;

type Report = (error: unknown) => void;

/** Reconnects for ever, until `stop` is aborted: the next failure is the last then. Copies inherit it. */
function retryUntil(stop: AbortSignal): (times: number) => number | null {
  return (times) =>
    stop.aborted
      ? null
      : Math.min(50 * 2 ** Math.min(times, 5), MAX_RECONNECT_PAUSE_MS);
}

/** A connection with what ends it. */
export interface Connection {
  readonly client: Redis;
  /** Ends it and the copies made of it, within 2 s. */
  readonly close: () => Promise<void>;
}

/**
 * A connection for callers that want to know soon: commands fail at once while Redis is away and after 2 s when
 * it is silent. Reconnects for ever.
 */
export function connectImpatiently(
  redisUrl: string,
  onError: Report,
): Connection {
  const stop = new AbortController();
  const client = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: retryUntil(stop.signal),
  });
  return managed(client, stop, onError);
}

/** A connection for consumers: a command waits as long as it takes for Redis to come back. */
export function connectPatiently(
  redisUrl: string,
  onError: Report,
): Connection {
  const stop = new AbortController();
  const client = new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    retryStrategy: retryUntil(stop.signal),
  });
  return managed(client, stop, onError);
}

function managed(
  client: Redis,
  stop: AbortController,
  onError: Report,
): Connection {
  client.on('error', onError);
  // BullMQ waits for jobs on a copy, which it leaves reconnecting when it is closed while Redis is away.
  const all = [client];
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const copy = duplicate(override);
    all.push(copy);
    return copy;
  };
  return {
    client,
    async close() {
      stop.abort();
      await Promise.all(all.map(disconnect));
    },
  };
}

/** Throws unless the connection stands; right after the start it may take up to 1 s to come about. */
async function assertReady(client: Redis): Promise<void> {
  if (client.status === 'ready') return;
  const connecting =
    client.status === 'connecting' || client.status === 'connect';
  if (!connecting) throw new Error(`Redis is away (${client.status})`);
  let settle = (): void => undefined;
  const changed = new Promise<void>((resolve) => {
    settle = resolve;
    client.once('ready', settle);
    client.once('close', settle);
  });
  try {
    await settles(changed, FIRST_CONNECTION_MS);
  } finally {
    client.off('ready', settle);
    client.off('close', settle);
  }
  // The status moved on while this waited; the compiler cannot know.
  const status: string = client.status;
  if (status !== 'ready') throw new Error(`Redis is away (${status})`);
}

/**
 * Runs commands on an impatient connection. Rejects when Redis is away, or silent for `ms` milliseconds; then the
 * connection is made anew, since a half-open one would stay silent for ever.
 */
export async function request<T>(
  client: Redis,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  await assertReady(client);
  const answer = work();
  if (await settles(answer, ms))
    return answer.catch((error: unknown) => {
      if (error instanceof ReplyError) throw error;
      // No answer of Redis: the connection broke under the command.
      throw new Error(`Redis is away (${String(error)})`, { cause: error });
    });
  client.disconnect(true);
  throw new Error(`Redis did not answer within ${String(ms)} ms`);
}

async function disconnect(client: Redis): Promise<void> {
  // Without one more try it would never end, and neither would the commands that wait in it.
  if (client.status === 'reconnecting')
    await settles(client.connect(), GOODBYE_MS);
  if (client.status === 'ready') await settles(client.quit(), GOODBYE_MS);
  if (client.status !== 'end') client.disconnect();
}
