import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const CALL_MS = 120_000;
const ANSWERING_MS = 30_000;
const POLL_MS = 10;
const APP_PORT = 3000;

/** An answer of the API, of the edge or of an app. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One HTTP call on a kept connection. Rejects when nothing is answered within 2 min. */
export function http(
  url: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method: options.method ?? 'GET',
        headers: { ...options.headers },
        signal: AbortSignal.timeout(CALL_MS),
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

/** Asks every 10 ms until the answer is 200, for 30 s at most. */
export async function answering(ask: () => Promise<Answer>): Promise<void> {
  const deadline = performance.now() + ANSWERING_MS;
  for (;;) {
    const status = await ask().then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (performance.now() > deadline)
      throw new Error(`no 200 within 30 s, but ${status}`);
    await pause(POLL_MS);
  }
}

/** The web server that both sides of a comparison run. */
export const SERVER =
  'exec node -e \'require("http").createServer((q,s)=>s.end("ok")).listen(3000,"0.0.0.0")\'';

const systemSchema = z.looseObject({
  jobs: z.looseObject({ queued: z.number(), running: z.number() }),
  warm_pool: z.looseObject({ ready: z.number(), wanted: z.number() }),
});

/** What a benchmark asks of a stack. All reject when the answer is not a success. */
export interface Client {
  readonly api: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Resolves with the id once it runs. */
  create(): Promise<string>;
  /** Runs a command to its end; rejects unless it ends with 0. */
  exec(id: string, cmd: readonly string[]): Promise<void>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  /** Removes it and its files, also if it is gone already. */
  purge(id: string): Promise<void>;
  /** Runs {@link SERVER} in it, and resolves when the preview answers. */
  serve(id: string): Promise<void>;
  /** One request through the edge. */
  preview(id: string): Promise<Answer>;
  /** Resolves when no job is unfinished; rejects after 60 s. */
  settled(): Promise<void>;
  /** Resolves when the warm pool holds what it is to hold; rejects after 60 s. */
  pooled(): Promise<void>;
}

export function createClient(target: {
  readonly api: string;
  readonly edge: string;
  readonly domain: string;
  readonly token: string | undefined;
}): Client {
  const { api } = target;
  const headers = {
    'content-type': 'application/json',
    ...(target.token !== undefined && {
      authorization: `Bearer ${target.token}`,
    }),
  };
  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<unknown> => {
    const { status, text } = await http(`${api}${path}`, {
      ...{ method, headers, body },
    });
    // 202 is a job that was not done in the time given to it.
    if (status >= 300 || status === 202)
      throw new Error(`${method} ${path} → ${status}: ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  /** Asks until nothing is missing, for 60 s at most. */
  const until = async (
    missing: (system: z.output<typeof systemSchema>) => string | undefined,
  ): Promise<void> => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const why = missing(systemSchema.parse(await call('GET', '/v1/system')));
      if (why === undefined) return;
      if (performance.now() > deadline) throw new Error(`after 60 s ${why}`);
      await pause(250);
    }
  };
  const preview = (id: string): Promise<Answer> =>
    http(target.edge, {
      headers: {
        host: `s-${id.toLowerCase()}-${APP_PORT}.preview.${target.domain}`,
      },
    });
  return {
    api,
    headers,
    preview,
    async create() {
      const made = await call('POST', '/sandbox?wait=60', {});
      return z.looseObject({ id: z.string() }).parse(made).id;
    },
    async exec(id, cmd) {
      const ended = await call('POST', `/sandbox/${id}/exec?wait=60`, { cmd });
      const { exit_code: code } = z
        .looseObject({ exit_code: z.number() })
        .parse(ended);
      if (code !== 0) throw new Error(`${cmd.join(' ')} ended with ${code}`);
    },
    async start(id) {
      await call('POST', `/v1/sandboxes/${id}/start?wait=60`, {});
    },
    async stop(id) {
      await call('POST', `/v1/sandboxes/${id}/stop?wait=60`, {});
    },
    async purge(id) {
      await call('POST', `/sandbox/${id}/purge?wait=60`, {});
    },
    async serve(id) {
      const path = `/v1/sandboxes/${id}/services/web?wait=30`;
      await call('PUT', path, { command: SERVER, port: APP_PORT });
      await answering(() => preview(id));
    },
    settled: () =>
      until(({ jobs: { queued, running } }) =>
        queued + running === 0
          ? undefined
          : `${queued} jobs are queued and ${running} run`,
      ),
    pooled: () =>
      until(({ warm_pool: { ready, wanted } }) =>
        ready >= wanted
          ? undefined
          : `${ready} of ${wanted} members of the warm pool are ready`,
      ),
  };
}
