import { LABEL_INSTANCE } from '@sandboxed/domain';
import { Readable } from 'node:stream';
import type { ContainerEvent } from './driver.ts';
import type { Engine } from './engine.ts';
import { mapEvent, WATCHED_ACTIONS } from './map-event.ts';
import { ndjson } from './ndjson.ts';
import { pause } from './pause.ts';

const FIRST_BACKOFF_MS = 200;
const LAST_BACKOFF_MS = 5_000;
/** An event carries all labels of its container; a longer line is not an event of ours. */
const MAX_EVENT_LENGTH = 1_048_576;

/**
 * Follows events of this instance until `signal` or `close`. What happens while the connection is down is not seen:
 * reconciling finds it. Never rejects, unless `onEvent` throws.
 */
export async function watchContainers(
  engine: Engine,
  onEvent: (event: ContainerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const ended = AbortSignal.any([signal, engine.closing]);
  let backoff = FIRST_BACKOFF_MS;
  while (!ended.aborted) {
    for await (const event of events(engine, ended)) {
      backoff = FIRST_BACKOFF_MS;
      onEvent(event);
    }
    await pause(backoff, ended);
    backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
  }
}

/** Events of one connection. Ends, and does not throw, when it is lost: the next attempt is the answer to that. */
async function* events(
  engine: Engine,
  ended: AbortSignal,
): AsyncGenerator<ContainerEvent> {
  let stream: Readable | undefined;
  const destroy = (): void => {
    stream?.destroy();
  };
  ended.addEventListener('abort', destroy, { once: true });
  try {
    stream = await connect(engine);
    if (ended.aborted) return;
    for await (const line of ndjson(stream, MAX_EVENT_LENGTH)) {
      const event = mapEvent(line, engine.instance);
      if (event !== undefined) yield event;
    }
  } catch {
    // Every other call of the driver reports an Engine that does not answer; here only the retry matters.
  } finally {
    ended.removeEventListener('abort', destroy);
    destroy();
  }
}

async function connect(engine: Engine): Promise<Readable> {
  return engine.call('send events', async (abortSignal) => {
    const stream = await engine.docker.getEvents({
      filters: {
        type: ['container'],
        event: [...WATCHED_ACTIONS],
        label: [`${LABEL_INSTANCE}=${engine.instance}`],
      },
      abortSignal,
    });
    if (!(stream instanceof Readable))
      throw new Error('the Engine sent no stream of events');
    return stream;
  });
}
