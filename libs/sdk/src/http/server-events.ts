/** One server-sent event as it came over the wire. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

/** Longer frames are none of ours. Characters. */
const MAX_FRAME = 16 * 1_048_576;

/** Cuts a stream of server-sent events into events; comments are heartbeats and only call `onSign`, as does anything else. */
export async function* serverEvents(
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
      if (text.length > MAX_FRAME) throw new Error('an event has no end');
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
