import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { GATE_HEADER } from '@sandboxed/domain';

/** An app that is asked instead may take its time; it is not waited for. Milliseconds. */
const ANSWER_MS = 250;

/**
 * Whether a request for `host` that comes to the edge now does not reach the app: it ends at the wake listener, or there is no edge,
 * which reads all gates when it starts. An app that gives the listener's answer only deceives its own sandbox, and is stopped a
 * moment sooner.
 */
export function isGateShut(edge: URL, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = edge.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(edge, {
      method: 'HEAD',
      path: '/',
      headers: { host, [GATE_HEADER]: 'shut?' },
      agent: false,
      // The edge is on this host, and its certificate is for the preview's name if for any.
      servername: host,
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      resolve(answer.headers[GATE_HEADER] === 'shut');
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED');
    });
    outgoing.end();
  });
}
