import { connect } from 'node:net';

/** What came back, byte for byte; `status` 0 when the connection was closed without an answer. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends lines of a request and a body as they are, which no client library would, and reads until the server closes. */
export async function sendRaw(
  url: string,
  lines: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replaceAll(/[[\]]/g, ''));
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  // A server that has answered may cut what is still being sent.
  socket.on('error', () => undefined);
  socket.write(
    [...lines, 'Connection: close', '', body].join('\r\n'),
    'latin1',
  );
  await new Promise((resolve) => socket.once('close', resolve));
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text };
}
