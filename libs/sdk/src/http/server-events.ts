import { errorOf } from '../errors.ts';
import type { Client } from './client.ts';
import { Silence } from './silence.ts';

/** One server-sent event as it came over the wire. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

/** Longer frames are none of ours. Characters. */
const MAX_FRAME = 16 * 1_048_576;

/** A stream of the API. */
interface EventStream {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  /** The event after which it begins. */
  readonly last?: string;
  readonly signal: AbortSignal | undefined;
  /** Called at each sign of life, heartbeats too. */
  readonly onSign?: () => void;
}

/**
 * Opens a stream once and tells its events until it ends. Throws what it is refused with, and what it breaks off with: silence, too,
 * is a broken connection.
 */
export async function* openedEvents(
  client: Client,
  { path, params, query, last, signal, onSign }: EventStream,
): AsyncGenerator<ServerEvent, void, undefined> {
  const silence = new Silence();
  try {
    const body = await client.raw(
      {
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
        patienceMs: 0,
        ...(query !== undefined && { query }),
      },
      (response) => Promise.resolve(response.body),
    );
    if (body === null) return;
    silence.bear(client.silenceMs);
    yield* serverEvents(body, () => {
      silence.bear(client.silenceMs);
      onSign?.();
    });
  } finally {
    silence.end();
  }
}

/** What an event holds. Throws for what is no JSON, which is not mended by another try. */
export function dataOf({ type, data }: ServerEvent): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw errorOf(
      `An event ${type} holds no JSON.`,
      { code: 'internal' },
      { cause },
    );
  }
}

/** Cuts a stream of server-sent events into events; comments are heartbeats and only call `onSign`, as does anything else. */
async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  onSign: () => void,
): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onSign();
      // A line's end may come in two pieces.
      text = (text + decoder.decode(value, { stream: true })).replaceAll(
        '\r\n',
        '\n',
      );
      if (text.length > MAX_FRAME)
        throw errorOf('An event has no end.', { code: 'internal' });
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const event = eventOf(frame);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    // Also when the one who reads has enough: the connection is closed.
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(frame: string): ServerEvent | undefined {
  let id: string | undefined;
  let type = 'message';
  const data: string[] = [];
  for (const line of frame.split('\n')) {
    const at = line.indexOf(':');
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (field === 'id') id = value;
    else if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { id, type, data: data.join('\n') };
}
