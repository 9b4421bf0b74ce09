import type { Duplex } from 'node:stream';
import { TERMINAL_PATH, TERMINAL_UPGRADE } from '../terminal-protocol.ts';
import type { HttpListener } from './http-connection.ts';

/** Lets connections change to that of a terminal; any other change is refused. */
export function upgradeTo(
  connect: (socket: Duplex) => void,
): HttpListener['upgrade'] {
  return ({ url, headers }, socket, rest) => {
    if (url !== TERMINAL_PATH || headers.get('upgrade') !== TERMINAL_UPGRADE) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${TERMINAL_UPGRADE}\r\n\r\n`,
    );
    if (rest.length > 0) socket.unshift(rest);
    connect(socket);
  };
}
