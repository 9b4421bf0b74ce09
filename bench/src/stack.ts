import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const HOST = '127.0.0.1';
const API_PORT = 9090;

/** An answer of the API, of the edge or of an app. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One HTTP call on a kept connection. */
export function http(options: {
  readonly method?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: options.host ?? HOST,
        port: options.port ?? API_PORT,
        method: options.method ?? 'GET',
        path: options.path,
        headers: { ...options.headers },
        timeout: 120_000,
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, text });
        });
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(
      options.body === undefined ? undefined : JSON.stringify(options.body),
    );
  });
}

/** A POST to the API that must succeed; answers the body's id. */
export async function post(path: string, body: unknown = {}): Promise<Answer> {
  const answer = await http({ method: 'POST', path, body });
  if (answer.status >= 300)
    throw new Error(`POST ${path} → ${answer.status}: ${answer.text}`);
  return answer;
}

/** Creates a sandbox and answers its id once it runs. */
export async function create(): Promise<string> {
  const { text } = await post('/sandbox?wait=60');
  return z.looseObject({ id: z.string() }).parse(JSON.parse(text)).id;
}

export const exec = (id: string): Promise<Answer> =>
  post(`/sandbox/${id}/exec?wait=60`, { cmd: ['true'] });
export const stop = (id: string): Promise<Answer> =>
  post(`/v1/sandboxes/${id}/stop?wait=60`);
export const purge = (id: string): Promise<Answer> =>
  post(`/sandbox/${id}/purge?wait=60`);

/** A request of the sandbox's preview through the edge. */
export const preview = (id: string): Promise<Answer> =>
  http({
    port: 80,
    path: '/',
    headers: { host: `s-${id.toLowerCase()}-3000.preview.localhost` },
  });

/** The web server that both sides of a comparison run. */
export const SERVER =
  'exec node -e \'require("http").createServer((q,s)=>s.end("ok")).listen(3000,"0.0.0.0")\'';

/** Declares the server as a service and waits until the preview answers. */
export async function serve(id: string): Promise<void> {
  await http({
    method: 'PUT',
    path: `/v1/sandboxes/${id}/services/web?wait=30`,
    body: { command: SERVER, port: 3000 },
  });
  await answering(() => preview(id));
}

/** Asks every 10 ms until the answer is 200, for 30 s at most. */
export async function answering(ask: () => Promise<Answer>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const status = await ask().then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error('nothing answered within 30 s');
    await pause(10);
  }
}
