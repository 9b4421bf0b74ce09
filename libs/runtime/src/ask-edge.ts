import type { Agent, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What is asked instead of us may take its time; it is not waited for. Milliseconds. */
const ANSWER_MS = 250;
/** Less than Traefik keeps an idle connection, which is 180 s. Milliseconds. */
const KEPT_MS = 60_000;
/** With TLS a connection is for one name, and each preview has its own. Milliseconds. */
const KEPT_FOR_ONE_NAME_MS = 5_000;

/** Keeps connections to the proxy at `edge` for {@link askEdge}: most of what a question takes is the making of one. To be destroyed. */
export function keepToEdge(edge: URL): Agent {
  return edge.protocol === 'https:'
    ? new HttpsAgent({ keepAlive: true, timeout: KEPT_FOR_ONE_NAME_MS })
    : new HttpAgent({ keepAlive: true, timeout: KEPT_MS });
}

/**
 * Sends one HEAD for `host` to the proxy at `edge`, which is on this host, over a connection of `kept` if there is that. Answers the
 * headers that come back; `refused` when nothing listens there; undefined when nothing was answered within 250 ms. Never rejects.
 */
export function askEdge(
  edge: URL,
  host: string,
  headers: Readonly<Record<string, string>>,
  kept?: Agent,
): Promise<IncomingHttpHeaders | 'refused' | undefined> {
  return new Promise((resolve) => {
    const request = edge.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(edge, {
      method: 'HEAD',
      headers: { host, ...headers },
      agent: kept ?? false,
      // The edge is on this host, and its certificate is for the preview's name if for any.
      servername: host,
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      resolve(answer.headers);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : undefined);
    });
    outgoing.on('upgrade', (_answer, socket) => socket.destroy());
    // Whatever else ends it.
    outgoing.on('close', () => {
      resolve(undefined);
    });
    outgoing.end();
  });
}
