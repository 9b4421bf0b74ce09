import { request } from 'node:http';
import { z } from 'zod';
import type { OwnStack } from '../own-stack/own-stack.ts';

const ANSWER_MS = 90_000;

const bodySchema = z.record(z.string(), z.unknown()).catch({});
type Body = z.output<typeof bodySchema>;

/** The API and the previews of a stack; an answer of another status than the expected one is an error. */
export interface Client {
  /** `'POST /sandbox'`; answers the body of a JSON answer, `{}` for any other. */
  call(
    what: string,
    status: number,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Body>;
  /** Opens a stream of events and drops it after so many chunks. */
  drop(path: string, chunks: number): Promise<void>;
  /** A request to port 3000 of a sandbox through the edge. */
  preview(id: string): Promise<void>;
}

export function createClient({ api, edgePort }: OwnStack): Client {
  return {
    async call(what, status, body, headers = {}) {
      const [method = '', path = ''] = what.split(' ');
      const answer = await fetch(api + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await answer.text();
      if (answer.status !== status)
        throw new Error(`${what} → ${answer.status}: ${text.slice(0, 500)}`);
      const type = answer.headers.get('content-type') ?? '';
      return bodySchema.parse(type.includes('json') ? JSON.parse(text) : {});
    },

    async drop(path, chunks) {
      const stop = new AbortController();
      const { body } = await fetch(api + path, {
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      const reader = body?.getReader();
      for (let read = 0; read < chunks; read += 1)
        if ((await reader?.read())?.done !== false) return;
      stop.abort();
    },

    preview: (id) =>
      new Promise((resolve, reject) => {
        const host = `s-${id.toLowerCase()}-3000.preview.localhost`;
        const outgoing = request(
          {
            ...{ host: '127.0.0.1', port: edgePort, headers: { host } },
            timeout: ANSWER_MS,
          },
          (answer) => {
            answer.resume();
            answer.on('error', reject);
            answer.on('end', () => {
              if (answer.statusCode === 200) resolve();
              else
                reject(
                  new Error(`preview of ${id} → ${answer.statusCode ?? 0}`),
                );
            });
          },
        );
        outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
        outgoing.on('error', reject);
        outgoing.end();
      }),
  };
}
