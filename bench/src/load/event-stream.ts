import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** What one client heard over all its connections. */
interface Heard {
  /** Numbers of events, in the order they came. */
  readonly seqs: number[];
  /** From when the event was written to when it was here, for those that were followed live. Milliseconds. */
  readonly delaysMs: number[];
  connections: number;
  isDone: boolean;
}

/** A client of an event stream, which comes back for what is after the last it saw. */
export interface StreamClient {
  readonly heard: Heard;
  /** Resolves once it was told `done`. */
  readonly ended: Promise<unknown>;
  /** Breaks the connection off; the client comes back at once. */
  drop(): void;
  close(): void;
}

/** Opens a stream; events written before `liveFrom` (ms since the epoch) count, but not for times. */
export function followEvents(
  url: string,
  liveFrom: () => number,
): StreamClient {
  const heard: Heard = {
    seqs: [],
    delaysMs: [],
    connections: 0,
    isDone: false,
  };
  let incoming: IncomingMessage | undefined;
  let isClosed = false;
  // A client that comes back has to catch up: what it missed says nothing of the way.
  let caughtUpAt = 0;
  const {
    promise: ended,
    resolve,
    reject,
  } = Promise.withResolvers<undefined>();

  function take(frame: string, now: number): void {
    const id = /^id: (\d+)$/m.exec(frame)?.[1];
    if (id === undefined) return;
    heard.seqs.push(Number(id));
    const at = /"at":"([^"]+)"}$/m.exec(frame)?.[1];
    const writtenAt = Date.parse(at ?? '');
    if (writtenAt >= Math.max(liveFrom(), caughtUpAt))
      heard.delaysMs.push(now - writtenAt);
    if (frame.includes('\nevent: done\n')) heard.isDone = true;
  }

  function connect(): void {
    heard.connections += 1;
    caughtUpAt = Date.now();
    let text = '';
    const request = get(
      url,
      {
        agent: false,
        headers: { 'last-event-id': String(heard.seqs.at(-1) ?? 0) },
      },
      (response) => {
        incoming = response;
        if (response.statusCode !== 200)
          reject(new Error(`${url} → ${response.statusCode}`));
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const now = Date.now();
          text += chunk;
          const frames = text.split('\n\n');
          text = frames.pop() ?? '';
          for (const frame of frames) take(frame, now);
        });
        response.once('error', () => undefined);
        response.once('close', again);
      },
    );
    request.once('error', (error) => {
      if (incoming === undefined) reject(error);
    });
  }

  function again(): void {
    if (heard.isDone || isClosed) resolve(undefined);
    else connect();
  }

  connect();
  return {
    heard,
    ended,
    drop: () => incoming?.destroy(),
    close() {
      isClosed = true;
      incoming?.destroy();
      resolve(undefined);
    },
  };
}
