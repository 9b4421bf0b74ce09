import type { IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What is asked instead of us may take its time; it is not waited for. Milliseconds. */
const ANSWER_MS = 250;

/**
 * Sends one HEAD for `host` to the proxy at `edge`, which is on this host. Answers the headers that come back; `refused` when nothing
 * listens there; undefined when nothing was answered within 250 ms. Never rejects.
 */
export function askEdge(
  edge: URL,
  host: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingHttpHeaders | 'refused' | undefined> {
  return new Promise((resolve) => {
    const request = edge.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(edge, {
      method: 'HEAD',
      headers: { host, ...headers },
      agent: false,
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
