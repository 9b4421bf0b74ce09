import { WebSocket } from 'ws';
import { z } from 'zod';
import { afterwards, until } from '../../../libs/queue/test/support.ts';

const messageSchema = z.looseObject({ type: z.string() });
export type Message = z.output<typeof messageSchema>;

/** A client of a terminal, and all that it got. */
export interface Dialed {
  readonly socket: WebSocket;
  readonly text: () => string;
  readonly bytes: () => Buffer;
  readonly messages: readonly Message[];
  /** Resolves with the message once it is there. */
  message(type: string): Promise<Message>;
  /** Resolves once this is shown. */
  shows(text: string): Promise<void>;
  /** Resolves with the code that it was closed with. */
  readonly closed: Promise<number>;
  type(text: string): void;
  say(message: object): void;
}

/** Opens a web socket. Rejects with the status of a refusal. */
export async function dial(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  protocols: string[] = [],
): Promise<Dialed> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, {
    headers,
    perMessageDeflate: false,
  });
  const pieces: Buffer[] = [];
  const messages: Message[] = [];
  socket.on('message', (data, isBinary) => {
    if (!(data instanceof Buffer)) return;
    if (isBinary) pieces.push(data);
    else messages.push(messageSchema.parse(JSON.parse(data.toString())));
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve);
  });
  afterwards(() => {
    socket.terminate();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => {
        reject(new Error(`${response.statusCode ?? 0} ${text}`));
      });
    });
  });
  const bytes = (): Buffer => Buffer.concat(pieces);
  const text = (): string => bytes().toString();
  return {
    socket,
    text,
    bytes,
    messages,
    async message(type) {
      const find = (): Message | undefined =>
        messages.find((message) => message.type === type);
      await until(() => find() !== undefined);
      return find() ?? { type };
    },
    shows: (wanted) => until(() => text().includes(wanted)),
    closed,
    type(what) {
      socket.send(Buffer.from(what));
    },
    say(message) {
      socket.send(JSON.stringify(message));
    },
  };
}
