import { connect } from 'node:net';

/** A client of an event stream that reads its beginning and then nothing more, without going away. */
export interface StalledReader {
  /** Resolves once the first event has come. */
  readonly stalled: Promise<void>;
  /** Reads what was sent to it up to the end, or to where it was cut: the text of the answer. */
  rest(): Promise<string>;
  close(): void;
}

export function openStalledReader(url: string): StalledReader {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = '';
  socket.setEncoding('utf8');
  // Of this version, so that the answer is not cut into chunks.
  socket.write(`GET ${pathname} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`);
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  socket.once('error', () => undefined);
  const stalled = new Promise<void>((resolve) => {
    socket.on('data', (piece: string) => {
      text += piece;
      if (!text.includes('\nevent: ')) return;
      socket.pause();
      resolve();
    });
  });
  return {
    stalled,
    async rest() {
      socket.removeAllListeners('data');
      socket.on('data', (piece: string) => {
        text += piece;
      });
      socket.resume();
      await ended;
      return text;
    },
    close: () => socket.destroy(),
  };
}
