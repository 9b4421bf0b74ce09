import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { TERMINAL_PATH, TERMINAL_UPGRADE } from '../terminal-protocol.ts';

/** Lets connections change to that of a terminal; any other change is refused. */
export function serveUpgrades(
  server: Server,
  connect: (socket: Duplex) => void,
): void {
  server.on('upgrade', ({ url, headers }, socket, head) => {
    if (url !== TERMINAL_PATH || headers.upgrade !== TERMINAL_UPGRADE) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${TERMINAL_UPGRADE}\r\n\r\n`,
    );
    if (head.length > 0) socket.unshift(head);
    connect(socket);
  });
}
