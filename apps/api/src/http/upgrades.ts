import type { IncomingMessage, Server } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Express } from 'express';

/** Whether a request asks for a web socket where there are some. Others that ask for another protocol are answered in this one. */
export function isTerminalUpgrade({ method, url, headers }: IncomingMessage) {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /^[^?]*\/terminal\/?(\?|$)/i.test(url ?? '')
  );
}

/**
 * Lets requests for a web socket in as calls like others: whoever is refused gets a problem document, and the call is open until its
 * connection is closed. The route takes the connection over from its request.
 */
export function serveUpgrades(server: Server, app: Express): void {
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (head.length > 0) socket.unshift(head);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.on('finish', () => {
      request.socket.destroySoon();
    });
    app(request, response);
  });
}
