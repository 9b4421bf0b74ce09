/** An event as a stream tells it. */
export interface Told {
  readonly seq: number;
  readonly type: string;
  readonly data: string;
}

/**
 * Reads events from a URL until `done`, until `enough` says so, or until the connection breaks; what came is answered either
 * way, oldest first. Heartbeats are passed over.
 */
export async function readStream(
  url: string,
  options: {
    readonly after?: number;
    readonly enough?: (event: Told) => boolean;
    readonly timeoutMs?: number;
  } = {},
): Promise<readonly Told[]> {
  const events: Told[] = [];
  const cut = new AbortController();
  const signal = AbortSignal.any([
    cut.signal,
    AbortSignal.timeout(options.timeoutMs ?? 60_000),
  ]);
  try {
    const response = await fetch(url, {
      headers: { 'last-event-id': String(options.after ?? 0) },
      signal,
    });
    if (response.status !== 200 || response.body === null) return events;
    let text = '';
    for await (const chunk of response.body.pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const event of frames.flatMap(parse)) {
        events.push(event);
        if (event.type !== 'done' && options.enough?.(event) !== true) continue;
        cut.abort();
        return events;
      }
    }
  } catch {
    // Broken off: that is what these tests are about, and the caller goes on after what came.
  }
  return events;
}

function parse(frame: string): Told[] {
  const fields = new Map(
    frame.split('\n').map((line): [string, string] => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  const seq = fields.get('id');
  if (seq === undefined) return [];
  return [
    {
      seq: Number(seq),
      type: fields.get('event') ?? '',
      data: fields.get('data') ?? '',
    },
  ];
}
