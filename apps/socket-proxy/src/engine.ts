import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { z } from 'zod';
import type { EngineCall } from './call.ts';

/** Longest answer that is read here, in bytes: details of a container are some thousand. */
const MAX_ANSWER_BYTES = 4_194_304;
/** Time limit of a question of ours, in milliseconds. What a client asks for has the client's own limit. */
const QUESTION_MS = 30_000;

/** The Engine through its socket. Each call has a connection of its own: one from before a restart is never met again. */
export interface Engine {
  /** Makes the call and answers when the Engine's head is there. Rejects when the Engine does not answer or `signal` is aborted. */
  send(
    version: string,
    call: EngineCall,
    signal: AbortSignal,
  ): Promise<IncomingMessage>;
  /** The whole answer to a GET, for our own eyes. */
  ask(version: string, path: string, signal: AbortSignal): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export function createEngine(socketPath: string): Engine {
  const engine: Engine = {
    send: (version, call, signal) =>
      new Promise((resolve, reject) => {
        const body =
          call.body === undefined ? undefined : JSON.stringify(call.body);
        const query = new URLSearchParams(call.query).toString();
        const outgoing = request({
          socketPath,
          agent: false,
          signal,
          method: call.method,
          path: `${version}${call.path}${query === '' ? '' : `?${query}`}`,
          headers: {
            host: 'docker',
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(call.method === 'POST' && {
              'content-length': Buffer.byteLength(body ?? ''),
            }),
          },
        });
        outgoing.on('error', reject);
        outgoing.on('response', resolve);
        outgoing.end(body);
      }),

    async ask(version, path, signal) {
      const incoming = await engine.send(
        version,
        { method: 'GET', path },
        AbortSignal.any([signal, AbortSignal.timeout(QUESTION_MS)]),
      );
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of incoming) {
        const part = z.instanceof(Buffer).parse(chunk);
        bytes += part.length;
        if (bytes > MAX_ANSWER_BYTES)
          throw new Error(`The Engine's answer to ${path} is too long.`);
        chunks.push(part);
      }
      return {
        status: incoming.statusCode ?? 502,
        contentType: incoming.headers['content-type'] ?? 'application/json',
        text: Buffer.concat(chunks).toString('utf8'),
      };
    },
  };
  return engine;
}
