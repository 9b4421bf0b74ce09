import { Silence } from '../http/silence.ts';
import type { WebSocketLike } from '../http/web-socket.ts';
import type { ServerMessage } from './server-message.ts';
import { serverMessage } from './server-message.ts';

/** How a web socket ended. */
export interface Closed {
  /** 1006 when it broke off or never opened. */
  readonly code: number;
  readonly wasOpen: boolean;
  /** What was told of it; nothing is, in browsers. */
  readonly cause: Error | undefined;
}

/** What is done with what comes. */
interface Ears {
  readonly shown: (bytes: Uint8Array) => void;
  /** Answers whether that was the last. */
  readonly said: (message: ServerMessage) => boolean;
}

/** The close code by which the terminal ends, too; any other leaves it as it is. */
export const HANG_UP = 1_000;
export const LEAVE = 4_000;

/**
 * Hands on what comes over a web socket until it is closed, its last word was said, nothing was heard for `silenceMs`, or nobody waits
 * for it any more. Asks for signs of life.
 */
export function heard(
  socket: WebSocketLike,
  silenceMs: number,
  { shown, said }: Ears,
  signal: AbortSignal,
): Promise<Closed> {
  socket.binaryType = 'arraybuffer';
  const silence = new Silence();
  let isOver = false;
  let wasOpen = false;
  let cause: Error | undefined;
  const sign = (): void => {
    silence.bear(silenceMs);
  };
  const ping = setInterval(() => {
    if (socket.readyState === 1) socket.send('{"type":"ping"}');
  }, silenceMs / 3);
  sign();
  return new Promise((resolve) => {
    const over = (code: number): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', cut);
      clearInterval(ping);
      silence.end();
      resolve({ code, wasOpen, cause });
    };
    // Who does not answer will not answer to that either.
    const cut = (): void => {
      socket.close(LEAVE);
      over(1_006);
    };
    signal.addEventListener('abort', cut);
    silence.signal.addEventListener('abort', () => {
      cause = new Error(`nothing was heard for ${String(silenceMs)} ms`);
      cut();
    });
    socket.addEventListener('open', () => {
      wasOpen = true;
      sign();
    });
    socket.addEventListener('error', (event) => {
      const message = fieldOf(event, 'message');
      if (typeof message === 'string' && message !== '')
        cause = new Error(message);
    });
    socket.addEventListener('close', (event) => {
      const code = fieldOf(event, 'code');
      over(typeof code === 'number' ? code : 1_006);
    });
    socket.addEventListener('message', (event) => {
      if (isOver) return;
      sign();
      const data = fieldOf(event, 'data');
      if (data instanceof ArrayBuffer) shown(new Uint8Array(data));
      if (typeof data !== 'string') return;
      const message = serverMessage(data);
      if (message === undefined || !said(message)) return;
      socket.close(LEAVE);
      over(1_000);
    });
  });
}

function fieldOf(event: unknown, name: string): unknown {
  return typeof event === 'object' && event !== null
    ? Reflect.get(event, name)
    : undefined;
}
