import type { JobId, Nudge } from '@sandboxed/domain';
import {
  connectImpatiently,
  connectPatiently,
  request,
} from './connections.ts';
import { cancelSchema, NUDGES_PER_MESSAGE, nudgesSchema } from './messages.ts';
import { channels } from './names.ts';
import type { Bus } from './ports.ts';
import type { OnError } from './report-errors.ts';
import { quietRepeats } from './report-errors.ts';

/** How long Redis may take to pass a message on. Milliseconds. */
const PUBLISH_MS = 1_800;

function add<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/**
 * Makes the bus: one connection publishes, one listens, each reconnecting for ever. A channel is subscribed to when
 * its first listener comes. Publishing rejects while Redis is away: nobody may rely on it.
 */
export function createBus(options: {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly onError: OnError;
}): Bus {
  const onError = quietRepeats(options.onError);
  const names = channels(options.prefix);
  const nudgeListeners = new Set<(nudge: Nudge) => void>();
  const cancelListeners = new Set<(jobId: JobId) => void>();
  const reconnectListeners = new Set<() => void>();
  const wanted = new Set<string>();
  const speaking = connectImpatiently(options.redisUrl, onError);
  const listening = connectPatiently(options.redisUrl, onError);
  const publisher = speaking.client;
  const subscriber = listening.client;
  let closed = false;

  const subscribe = async (): Promise<void> => {
    // Before that, `ready` will come and do it.
    if (subscriber.status !== 'ready' || wanted.size === 0) return;
    try {
      await subscriber.subscribe(...wanted);
      for (const listener of reconnectListeners) listener();
    } catch (error) {
      if (closed) return;
      onError(error);
      subscriber.disconnect(true);
    }
  };

  const deliver = (channel: string, message: string): void => {
    const body: unknown = JSON.parse(message);
    if (channel === names.nudges)
      for (const nudge of nudgesSchema.parse(body))
        for (const listener of nudgeListeners) listener(nudge);
    if (channel === names.cancels) {
      const { job_id } = cancelSchema.parse(body);
      for (const listener of cancelListeners) listener(job_id);
    }
  };

  subscriber.on('ready', () => void subscribe());
  subscriber.on('message', (channel, message) => {
    try {
      deliver(channel, message);
    } catch (error) {
      onError(error);
    }
  });

  const listen = (channel: string): void => {
    if (wanted.has(channel)) return;
    wanted.add(channel);
    void subscribe();
  };

  const publish = (channel: string, body: unknown): Promise<number> =>
    request(publisher, PUBLISH_MS, () =>
      publisher.publish(channel, JSON.stringify(body)),
    );

  return {
    async publish(nudges) {
      for (let at = 0; at < nudges.length; at += NUDGES_PER_MESSAGE)
        await publish(names.nudges, nudges.slice(at, at + NUDGES_PER_MESSAGE));
    },
    async publishCancel(jobId) {
      await publish(names.cancels, { job_id: jobId });
    },
    onNudge(listener) {
      listen(names.nudges);
      return add(nudgeListeners, listener);
    },
    onCancel(listener) {
      listen(names.cancels);
      return add(cancelListeners, listener);
    },
    onReconnect(listener) {
      return add(reconnectListeners, listener);
    },
    async close() {
      closed = true;
      await Promise.all([speaking.close(), listening.close()]);
    },
  };
}
