import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Answer, FakeApi } from './fake-api.ts';
import { fakeApi, json, refusal } from './fake-api.ts';

/** A web socket that came, and what came over it. */
export interface Viewing {
  readonly query: URLSearchParams;
  readonly socket: WebSocket;
  say(message: object): void;
  show(text: string): void;
  /** Breaks the connection. */
  cut(): void;
  /** Resolves once this was typed over it. */
  types(text: string): Promise<void>;
  typed(): string;
  /** Resolves once so many pings came. */
  pings(count: number): Promise<void>;
  /** Frames of text that came, but for pings. */
  readonly said: readonly unknown[];
  readonly closed: Promise<number>;
}

/** How a web socket is met; one that is refused is told nothing. */
export type Meeting = ((viewing: Viewing) => void) | 'refuse';

export interface FakeTerminals extends FakeApi {
  /** What came over each web socket. */
  readonly viewings: readonly Viewing[];
}

const PROTOCOL = 'sandboxed.terminal.v1';
/** What the API answers to who asks for a terminal without a web socket. */
const NO_WEB_SOCKET = refusal(400, 'invalid_request');

/** Hands out tickets and meets each web socket by the next of the meetings; the last one stays. `plain` answers other calls. */
export async function fakeTerminals(
  meetings: readonly Meeting[],
  plain: Answer = NO_WEB_SOCKET,
): Promise<FakeTerminals> {
  const api = await fakeApi((response, came) => {
    const answer = came.url.endsWith('/terminal-tickets')
      ? json(201, { protocols: [PROTOCOL, 'sandboxed.ticket.x'] })
      : plain;
    answer(response, came);
  });
  const viewings: Viewing[] = [];
  let met = 0;
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => PROTOCOL,
  });
  api.server.on('upgrade', (request, socket, head) => {
    const meeting = meetings[Math.min(met, meetings.length - 1)];
    met += 1;
    if (meeting === undefined || meeting === 'refuse') {
      socket.end('HTTP/1.1 409 Conflict\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (made) => {
      const viewing = viewingOf(made, request);
      viewings.push(viewing);
      meeting(viewing);
    });
  });
  return {
    ...api,
    viewings,
    async close() {
      for (const { socket } of viewings) socket.terminate();
      await api.close();
    },
  };
}

function viewingOf(socket: WebSocket, { url = '' }: IncomingMessage): Viewing {
  const said: unknown[] = [];
  let typed = '';
  let pings = 0;
  let look = (): void => undefined;
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (isSo()) resolve();
      };
      look();
    });
  socket.on('error', () => undefined);
  socket.on('message', (data, isBinary) => {
    if (!(data instanceof Buffer)) return;
    const text = data.toString('latin1');
    if (isBinary) typed += text;
    else if (text !== '{"type":"ping"}') said.push(JSON.parse(text));
    else {
      pings += 1;
      socket.send('{"type":"pong"}');
    }
    look();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve);
  });
  return {
    query: new URL(url, 'http://api').searchParams,
    socket,
    said,
    closed,
    typed: () => typed,
    say(message) {
      socket.send(JSON.stringify(message));
    },
    show(text) {
      socket.send(Buffer.from(text));
    },
    cut() {
      socket.terminate();
    },
    types: (text) => until(() => typed.includes(text)),
    pings: (count) => until(() => pings >= count),
  };
}
