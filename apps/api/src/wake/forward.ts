import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, WAKE_HEADER } from '@sandboxed/domain';
import type { ServerResponse } from 'node:http';

/** Marks our answer to such a request when the edge has no router for the container yet, with the same secret: no app can give it. */
export const RETRY_HEADER = 'x-sandboxed-retry';

/** A body up to this size is kept, so that the request can be sent again while the edge is not ready. */
const REPLAY_BYTES = 1_048_576;
/** The edge has read a route long before its container is up; after a start of the edge or of a worker it may be some seconds late. */
const ROUTER_MS = 8_000;
/** It mostly has after some milliseconds; whoever waits longer asks less often, all the more with a body that is sent each time. */
const RETRY_MS = 2;
const MAX_RETRY_MS = 100;
const QUICK_BYTES = 65_536;
/** Time a body that is too large to be kept waits for the edge. */
const LARGE_BODY_PAUSE_MS = 1_000;
const ANSWER_MS = 120_000;

/** The edge, as the api reaches it. */
export interface Edge {
  readonly url: URL;
  readonly secret: string;
  /** The app must have begun to answer within this time. Milliseconds. */
  readonly answerMs?: number;
}

/** Sends a held request through the edge to the app and its answer back, once the edge routes to the app. The app sees it once. */
export async function forward(
  edge: Edge,
  incoming: IncomingMessage,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const kept = await readSome(incoming);
  if (!kept.whole)
    await pause(LARGE_BODY_PAUSE_MS, undefined, { signal: gone });
  const deadline = performance.now() + ROUTER_MS;
  const { bytes } = kept;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await send(edge, incoming, gone, (outgoing) => {
      for (const chunk of kept.chunks) outgoing.write(chunk);
      if (kept.whole) outgoing.end();
      else
        void pipeline(incoming, outgoing).catch((error: unknown) =>
          outgoing.destroy(asError(error)),
        );
    });
    if (answer.headers[RETRY_HEADER] !== edge.secret) {
      response.writeHead(
        answer.statusCode ?? 502,
        answer.statusMessage,
        withoutHopByHop(answer),
      );
      await pipeline(answer, response);
      return;
    }
    answer.resume();
    if (!kept.whole || performance.now() > deadline) throw edgeNotReady();
    await pause(retryMs(attempt, bytes), undefined, { signal: gone });
  }
}

/** The same for a web socket: once the app switches protocols both sides are joined. */
export async function forwardUpgrade(
  edge: Edge,
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  gone: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + ROUTER_MS;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await new Promise<'retry' | 'done'>((resolve, reject) => {
      const outgoing = open(edge, incoming, gone);
      outgoing.on('error', (error) => {
        reject(brokenOff(error));
      });
      outgoing.on('close', () => {
        reject(brokenOff(new Error('no answer')));
      });
      outgoing.on('upgrade', (answer, appSocket, appHead) => {
        appSocket.setTimeout(0);
        socket.write(rawHead(answer, answer.rawHeaders));
        if (appHead.length > 0) socket.write(appHead);
        if (head.length > 0) appSocket.write(head);
        appSocket.on('error', () => socket.destroy());
        socket.on('error', () => appSocket.destroy());
        appSocket.pipe(socket).pipe(appSocket);
        resolve('done');
      });
      outgoing.on('response', (answer) => {
        if (answer.headers[RETRY_HEADER] === edge.secret) {
          answer.resume();
          resolve('retry');
          return;
        }
        // The body comes without the app's framing: the end of the connection ends it.
        const headers = [...withoutHopByHop(answer), 'Connection', 'close'];
        socket.write(rawHead(answer, headers));
        answer.pipe(socket);
        resolve('done');
      });
      outgoing.end();
    });
    if (outcome === 'done') return;
    if (performance.now() > deadline) throw edgeNotReady();
    await pause(retryMs(attempt), undefined, { signal: gone });
  }
}

/** The first fifty rounds are quick, unless much is sent with each. */
function retryMs(attempt: number, bytes = 0): number {
  const quick = bytes > QUICK_BYTES ? 0 : 50;
  const doublings = Math.min(Math.max(0, attempt - quick), 6);
  return Math.min(RETRY_MS * 2 ** doublings, MAX_RETRY_MS);
}

function edgeNotReady(): DomainError {
  return new DomainError(
    'timed_out',
    'The app is up, but its route is not ready yet. Try again.',
    {
      retryAfterSeconds: 1,
    },
  );
}

function brokenOff(cause: Error): DomainError {
  return new DomainError(
    'agent_unreachable',
    'The app broke off the connection.',
    { cause },
  );
}

function open(edge: Edge, incoming: IncomingMessage, gone: AbortSignal) {
  const secure = edge.url.protocol === 'https:';
  const host = incoming.headers.host ?? '';
  const headers: OutgoingHttpHeaders = {
    ...incoming.headers,
    host,
    [WAKE_HEADER]: edge.secret,
  };
  // A header that is there without a value is refused by Node.
  Reflect.deleteProperty(headers, RETRY_HEADER);
  const options = {
    host: edge.url.hostname,
    port: edge.url.port === '' ? (secure ? 443 : 80) : Number(edge.url.port),
    method: incoming.method,
    path: incoming.url,
    headers,
    setHost: false,
    signal: gone,
    timeout: edge.answerMs ?? ANSWER_MS,
  };
  // The edge is on this very host: its certificate is for the preview name, and may be self-signed.
  const outgoing = secure
    ? httpsRequest({
        ...options,
        servername: host.replace(/:\d+$/, ''),
        rejectUnauthorized: false,
      })
    : httpRequest(options);
  outgoing.on('timeout', () =>
    outgoing.destroy(new Error('the app did not answer in time')),
  );
  // It has begun: a stream or a web socket may be quiet.
  outgoing.on('response', () => outgoing.setTimeout(0));
  return outgoing;
}

function send(
  edge: Edge,
  incoming: IncomingMessage,
  gone: AbortSignal,
  body: (outgoing: ReturnType<typeof open>) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = open(edge, incoming, gone);
    outgoing.on('response', resolve);
    outgoing.on('error', (error) => {
      reject(brokenOff(error));
    });
    // An app that changes the protocol unasked is cut off, and says nothing else.
    outgoing.on('upgrade', (_answer, socket) => socket.destroy());
    outgoing.on('close', () => {
      reject(brokenOff(new Error('no answer')));
    });
    body(outgoing);
  });
}

/** The body as far as it may be kept; `whole` false leaves the rest in the stream. */
async function readSome(incoming: IncomingMessage): Promise<{
  readonly chunks: Buffer[];
  readonly bytes: number;
  readonly whole: boolean;
}> {
  const declared = Number(incoming.headers['content-length'] ?? '0');
  const chunked = incoming.headers['transfer-encoding'] !== undefined;
  if (declared > REPLAY_BYTES || chunked)
    return { chunks: [], bytes: 0, whole: false };
  const chunks: Buffer[] = [];
  for await (const chunk of incoming)
    chunks.push(Buffer.from(chunk as Uint8Array));
  return { chunks, bytes: declared, whole: true };
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
]);

function withoutHopByHop({ rawHeaders }: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

function rawHead(
  { statusCode, statusMessage }: IncomingMessage,
  headers: readonly string[],
): string {
  const lines = [`HTTP/1.1 ${statusCode ?? 502} ${statusMessage ?? ''}`];
  for (let at = 0; at < headers.length; at += 2)
    lines.push(`${headers[at] ?? ''}: ${headers[at + 1] ?? ''}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
