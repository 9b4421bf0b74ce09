import type net from 'node:net';
import { AGENT_LIMITS } from '../limits.ts';
import { Refusal } from './refusal.ts';

/** Of a connection that says nothing. Milliseconds. */
const IDLE_MS = 120_000;
const HEAD_BYTES = 16_384;
const HEAD_END = '\r\n\r\n';

/** The head of a request, with the names of its headers in small letters. */
type Head = {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
};

/** A request that has come whole. */
export type HttpRequest = Head & { readonly body: Buffer };

/** The answer to one request. Writing to a connection that is gone does nothing. */
export type HttpAnswer = {
  /** Aborted once nobody reads it any more. */
  readonly gone: AbortSignal;
  readonly whole: (status: number, json: unknown) => void;
  /** Begins a stream, with its first bytes when they come soon. */
  readonly begin: (contentType: string) => void;
  /** Resolves when there is room for more, or nobody to take it. */
  readonly write: (chunk: Uint8Array | string) => Promise<void> | undefined;
  readonly end: () => void;
  /** Breaks the connection off where a stream has begun; else nothing was said yet, and false is answered. */
  readonly breakOff: () => boolean;
};

/** What is done with what comes on a connection. */
export type HttpListener = {
  /** Must not reject. The next request is read once it resolves. */
  readonly answer: (request: HttpRequest, answer: HttpAnswer) => Promise<void>;
  /** The connection is its own from then on; `rest` came with the head. */
  readonly upgrade: (head: Head, socket: net.Socket, rest: Buffer) => void;
};

/** Whether no request is being answered. */
export type HttpConnection = { readonly isIdle: () => boolean };

/**
 * HTTP/1.1 as our own client speaks it: kept connections, one request after the other, bodies of a known length; all else is refused.
 * Node's own `http` cannot be in a snapshot: to load it and compile what a first request needs of it took a third of an agent's start.
 */
export function converse(
  socket: net.Socket,
  listener: HttpListener,
): HttpConnection {
  let read: Buffer = Buffer.alloc(0);
  let busy = false;
  let over = false;

  function refuse({ status, code, message }: Refusal): void {
    over = true;
    socket.end(wholeAnswer(status, { code, message }, 'close'));
  }

  /** What is there is taken as far as it goes. */
  function next(): void {
    if (busy || over) return;
    try {
      const head = takeHead(read);
      if (head === undefined) return;
      const { request, size } = head;
      if (request.headers.has('upgrade')) {
        leave();
        listener.upgrade(request, socket, read.subarray(size));
        return;
      }
      const whole = size + bodyLength(request);
      if (read.length < whole) return;
      const body = read.subarray(size, whole);
      read = read.subarray(whole);
      busy = true;
      void listener
        .answer({ ...request, body }, createAnswer(socket))
        .then(() => {
          busy = false;
          next();
        });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(error);
    }
  }

  function onData(chunk: Buffer): void {
    // What a refused caller still sends is thrown away.
    if (over) return;
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
    if (read.length > HEAD_BYTES + AGENT_LIMITS.requestBytes) socket.destroy();
    else next();
  }
  function onTimeout(): void {
    if (!busy) socket.destroy();
  }
  function leave(): void {
    over = true;
    socket.off('data', onData);
    socket.off('timeout', onTimeout);
    socket.setTimeout(0);
  }

  socket.on('data', onData);
  socket.setTimeout(IDLE_MS, onTimeout);
  // Whoever reads learns of it by 'close'.
  socket.on('error', () => socket.destroy());
  return { isIdle: () => !busy && !over };
}

/** Undefined while it has not come whole. */
function takeHead(
  read: Buffer,
): { readonly request: Head; readonly size: number } | undefined {
  const end = read.indexOf(HEAD_END);
  if (end > HEAD_BYTES || (end === -1 && read.length > HEAD_BYTES))
    throw new Refusal(431, 'too_large', 'the head is larger than 16 KiB');
  if (end === -1) return undefined;
  const [first = '', ...lines] = read.toString('latin1', 0, end).split('\r\n');
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(first) ?? [];
  if (method === undefined || url === undefined)
    throw new Refusal(400, 'bad_request', 'this is not HTTP/1.1');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).toLowerCase();
      return [name, line.slice(colon + 1).trim()];
    }),
  );
  return { request: { method, url, headers }, size: end + HEAD_END.length };
}

function bodyLength({ headers }: Head): number {
  const told = headers.get('content-length') ?? '0';
  if (headers.has('transfer-encoding') || !/^[0-9]{1,15}$/.test(told))
    throw new Refusal(411, 'bad_request', 'a body needs its length');
  const length = Number(told);
  if (length > AGENT_LIMITS.requestBytes)
    throw new Refusal(413, 'too_large', 'the body is larger than 2 MiB');
  return length;
}

function headOf(
  status: number,
  connection: 'keep-alive' | 'close',
  headers: readonly string[],
): string {
  return [
    `HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Refused'}`,
    `connection: ${connection}`,
    ...(connection === 'close'
      ? []
      : [`keep-alive: timeout=${IDLE_MS / 1000}`]),
    ...headers,
    '\r\n',
  ].join('\r\n');
}

function wholeAnswer(
  status: number,
  json: unknown,
  connection: 'keep-alive' | 'close' = 'keep-alive',
): Buffer {
  const body = Buffer.from(JSON.stringify(json));
  const head = headOf(status, connection, [
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]);
  return Buffer.concat([Buffer.from(head), body]);
}

function createAnswer(socket: net.Socket): HttpAnswer {
  const gone = new AbortController();
  const onClose = () => {
    gone.abort();
  };
  socket.once('close', onClose);
  if (socket.destroyed) onClose();
  let begun = false;

  /** What is written before the event loop goes on leaves as one piece: the last line and the end of the answer above all. */
  function gather(): void {
    socket.cork();
    process.nextTick(() => {
      socket.uncork();
    });
  }
  function done(): void {
    socket.off('close', onClose);
  }

  return {
    gone: gone.signal,
    whole(status, json) {
      if (socket.writable) socket.write(wholeAnswer(status, json));
      done();
    },
    begin(contentType) {
      begun = true;
      gather();
      socket.write(
        headOf(200, 'keep-alive', [
          `content-type: ${contentType}`,
          'transfer-encoding: chunked',
        ]),
      );
    },
    write(chunk) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      // Of no bytes it would be the end.
      if (bytes.length === 0 || !socket.writable) return undefined;
      gather();
      socket.write(`${bytes.length.toString(16)}\r\n`);
      socket.write(bytes);
      return socket.write('\r\n') ? undefined : drained(socket, gone.signal);
    },
    end() {
      if (socket.writable) socket.write('0\r\n\r\n');
      done();
    },
    breakOff() {
      if (begun) socket.destroy();
      return begun;
    },
  };
}

function drained(socket: net.Socket, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) {
      resolve();
      return;
    }
    const done = () => {
      socket.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    socket.on('drain', done);
    gone.addEventListener('abort', done);
  });
}
