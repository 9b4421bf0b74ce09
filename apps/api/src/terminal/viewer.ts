import { DomainError } from '@sandboxed/domain';
import { toFailure } from '@sandboxed/domain';
import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { ServerOptions, WebSocket } from 'ws';
import { STATUS } from '../http/problem.ts';
import type { ServerMessage } from './messages.ts';
import { clientMessageSchema } from './messages.ts';
import { TERMINAL_PROTOCOL } from './tickets.ts';

/** Bytes of one message of a client. */
const MESSAGE_BYTES = 65_536;
/** Bytes that wait for a reader before its terminal is held back. */
const HELD_BYTES = 262_144;
/** Bytes that wait for a reader, answers to it among them, before it is cut off: one that only asks is held back by nothing. */
const MAX_HELD_BYTES = 1_048_576;
/** For reading what was shown up to the end; who has not closed as well by then is cut off. Milliseconds. */
const CLOSE_MS = 10_000;
/** Whoever does not answer a ping before the next one is gone. Milliseconds. */
const PING_MS = 20_000;
/** Close codes of our own: this, and the status that the error's code has in HTTP. */
const CLOSE_BASE = 4_000;
export const CLOSE = { over: 1000, restart: 1012, takenOver: 4409 } as const;

/** The web socket of somebody who looks at a terminal. */
export interface Viewer {
  /** Aborted once either side begins to close it. */
  readonly gone: AbortSignal;
  /** Whether its client closed it for good, so that the terminal is to end. */
  hasHungUp(): boolean;
  tell(message: ServerMessage): void;
  /** Resolves once it may be sent more, or is gone. */
  show(bytes: Buffer): Promise<void>;
  /** Takes nothing from the client until the promise is settled. */
  holdUntil(room: Promise<unknown>): void;
  close(code: number): void;
  /** Tells what went wrong, and closes. */
  fail(error: unknown): void;
}

/** What a client sends. */
export interface ViewerInput {
  typed(bytes: Buffer): void;
  resized(size: { readonly cols: number; readonly rows: number }): void;
}

/** Makes a web socket of a request. Rejects when it is none in the form of RFC 6455, which was answered then. */
export async function accept(
  request: IncomingMessage,
  gone: AbortSignal,
): Promise<WebSocket> {
  if (gone.aborted) throw noWebSocket();
  // `closeTimeout` is not in its types yet.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    closeTimeout: CLOSE_MS,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES,
    // A ticket is not said back.
    handleProtocols: (offered) =>
      offered.has(TERMINAL_PROTOCOL) ? TERMINAL_PROTOCOL : false,
  };
  const server = new WebSocketServer(options);
  return new Promise((resolve, reject) => {
    const left = (): void => {
      reject(noWebSocket());
    };
    gone.addEventListener('abort', left);
    server.handleUpgrade(request, request.socket, Buffer.alloc(0), (socket) => {
      gone.removeEventListener('abort', left);
      resolve(socket);
    });
  });
}

export function createViewer(socket: WebSocket, input: ViewerInput): Viewer {
  const gone = new AbortController();
  let closedWith: number | undefined;
  let isAlive = true;
  const beat = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_MS);
  socket.on('pong', () => (isAlive = true));
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    clearInterval(beat);
    closedWith = code;
    gone.abort();
  });
  socket.on('message', (data, isBinary) => {
    // What comes between our closing and the client's is for nobody.
    if (socket.readyState !== socket.OPEN) return;
    isAlive = true;
    const bytes = data instanceof Buffer ? data : Buffer.alloc(0);
    if (isBinary) {
      if (bytes.length > 0) input.typed(bytes);
      return;
    }
    const message = clientMessageSchema.safeParse(jsonOf(bytes)).data;
    if (message === undefined)
      viewer.fail(
        new DomainError(
          'invalid_request',
          'Frames of text are {"type":"resize","cols":…,"rows":…} or {"type":"ping"}; what is typed comes in frames of bytes.',
        ),
      );
    else if (message.type === 'ping') viewer.tell({ type: 'pong' });
    else input.resized(message);
  });

  const viewer: Viewer = {
    gone: gone.signal,
    hasHungUp: () => closedWith === CLOSE.over,
    tell(message) {
      if (socket.bufferedAmount > MAX_HELD_BYTES) socket.terminate();
      if (socket.readyState === socket.OPEN)
        socket.send(JSON.stringify(message));
    },
    async show(bytes) {
      const sent = new Promise<void>((resolve) => {
        socket.send(bytes, () => {
          resolve();
        });
      });
      if (socket.bufferedAmount > HELD_BYTES) await sent;
    },
    holdUntil(room) {
      socket.pause();
      void room.finally(() => {
        socket.resume();
      });
    },
    close(code) {
      socket.close(code);
      gone.abort();
    },
    fail(error) {
      const { code, message, retryable } = toFailure(error);
      viewer.tell({ type: 'error', code, message, retryable });
      viewer.close(CLOSE_BASE + STATUS[code]);
    },
  };
  return viewer;
}

function noWebSocket(): DomainError {
  return new DomainError('invalid_request', 'This is no web socket.');
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
