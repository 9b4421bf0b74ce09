import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Of each listener, streams and held calls among them; more are cut at once. Below the file handles that a container gets. */
const MAX_CONNECTIONS = 4_096;
/**
 * An idle connection is kept longer than proxies keep it (Traefik here 3 s, others up to 60 s): one that is closed on this side
 * just as it is used again is a "bad gateway". Milliseconds.
 */
const KEEP_ALIVE_MS = 75_000;
/** What was accepted may take this long to be answered once the listener closes. Milliseconds. */
const GRACE_MS = 10_000;
/** A kept connection is closed within this time after its last answer. Milliseconds. */
const IDLE_CHECK_MS = 50;

/**
 * Resolves when the server listens, with what closes it: at once to new connections, to each of the others once what it asked
 * for was answered, or when it asks nothing. Those that take longer than the grace are cut. Rejects when the port is taken.
 */
export function listen(
  server: Server,
  port: number,
  host: string,
  graceMs = GRACE_MS,
): Promise<() => Promise<void>> {
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      resolve(() => close(server, connections, graceMs));
    });
  });
}

function close(
  server: Server,
  connections: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearInterval(idle);
      clearTimeout(limit);
      resolve();
    };
    const idle = setInterval(() => {
      server.closeIdleConnections();
      // One that browsers made ahead, on which nothing was asked, is none of Node's idle ones.
      for (const connection of connections)
        if (connection.bytesRead === 0) connection.destroy();
    }, IDLE_CHECK_MS);
    const limit = setTimeout(() => {
      server.closeAllConnections();
      // A connection that changed to another protocol is none of the server's any more.
      done();
    }, graceMs);
    server.close(done);
    server.closeIdleConnections();
  });
}
