import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Where the installed stack is reached; the defaults are those of `.env.example`. */
export const API = `http://${process.env['SANDBOXED_API_BIND'] ?? '127.0.0.1:9090'}`;
export const HTTP_PORT = Number(process.env['HTTP_PORT'] ?? '80');

export const sandboxSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  status_reason: z.string(),
  preview_urls: z.record(z.string(), z.string()),
  job_id: z.string().optional(),
});
export type Sandbox = z.output<typeof sandboxSchema>;

const execSchema = z.looseObject({
  exit_code: z.number(),
  stdout: z.string(),
  stderr: z.string(),
});

export const jobSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  status: z.string(),
  attempts: z.number(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One call of the API. Bodies that are not JSON come back as text. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${API}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && {
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(130_000),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed };
}

/** Like {@link call}, but anything outside 2xx fails the test with what the API said. */
export async function ok(
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await call(method, path, body);
  if (answer.status >= 300)
    throw new Error(
      `${method} ${path} → ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
  return answer.body;
}

/** Sandboxes made by a test file; `purge` removes one, `clean` them all, and they fail when one cannot be. */
export function sandboxes() {
  const made = new Set<string>();
  const purge = async (id: string): Promise<void> => {
    const { status, body } = await call('POST', `/sandbox/${id}/purge?wait=60`);
    if (status !== 200 && status !== 404)
      throw new Error(`purge of ${id} → ${status}: ${JSON.stringify(body)}`);
    made.delete(id);
  };
  return {
    purge,
    async create(body: Record<string, unknown> = {}): Promise<Sandbox> {
      const answer = await call('POST', '/sandbox?wait=60', body);
      const parsed = sandboxSchema.safeParse(answer.body);
      if (parsed.success) made.add(parsed.data.id);
      if (answer.status !== 201 || !parsed.success)
        throw new Error(
          `create → ${answer.status}: ${JSON.stringify(answer.body)}`,
        );
      return parsed.data;
    },
    track(id: string): void {
      made.add(id);
    },
    async clean(): Promise<void> {
      for (const id of made) await purge(id);
      const { stdout } = await run('docker', [
        'ps',
        '-aq',
        '--filter',
        'label=sandboxed.instance=sandboxed',
      ]);
      if (process.env['CI'] === 'true' && stdout.trim() !== '')
        throw new Error(`containers left behind: ${stdout}`);
    },
  };
}

/** Runs a shell line in a sandbox and answers its result. */
export async function exec(id: string, shell: string) {
  return execSchema.parse(
    await ok('POST', `/sandbox/${id}/exec?wait=60`, { shell }),
  );
}

/** A request through Traefik, by Host header, so that no resolver is needed. */
export function preview(
  url: string,
  options: {
    readonly method?: string;
    readonly body?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly timeoutMs?: number;
    /** Of the edge; of the installed stack when left out. */
    readonly port?: number;
  } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: options.port ?? HTTP_PORT,
        method: options.method ?? 'GET',
        path: options.path ?? '/',
        headers: { host: new URL(url).host, ...options.headers },
        timeout: options.timeoutMs ?? 90_000,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** Asks again every 200 ms until `check` answers something that is not false; throws after `timeoutMs` with what was waited for. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T | false | undefined> | T | false | undefined,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await pause(200);
  }
}

/** The sandbox once it has this status. */
export function untilStatus(
  id: string,
  status: string,
  timeoutMs: number,
): Promise<Sandbox> {
  return until(`${id} to be ${status}`, timeoutMs, async () => {
    const sandbox = sandboxSchema.parse(await ok('GET', `/sandbox/${id}`));
    return sandbox.status === status ? sandbox : undefined;
  });
}

/** The job once it is finished. */
export function untilFinished(id: string, timeoutMs: number) {
  return until(`job ${id} to finish`, timeoutMs, async () => {
    const job = jobSchema.parse(await ok('GET', `/v1/jobs/${id}`));
    return ['succeeded', 'failed', 'cancelled'].includes(job.status)
      ? job
      : undefined;
  });
}

/** Runs docker on the host and answers its trimmed output. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

/** Ids of the stack's containers of one compose service. */
export async function service(name: string): Promise<string[]> {
  const ids = await docker(
    'ps',
    '-q',
    '--filter',
    'label=com.docker.compose.project=sandboxed',
    '--filter',
    `label=com.docker.compose.service=${name}`,
  );
  return ids.split('\n').filter((id) => id !== '');
}

/** Kills every worker process at once; compose's restart policy does not bring back what was killed by hand, so the test starts them. */
export async function killWorkers(): Promise<void> {
  const workers = await service('worker');
  await docker('kill', '-s', 'KILL', ...workers);
  await docker('start', ...workers);
}

/** A web server in few lines, for `services`: answers what it was asked, and the file `note` of the app directory. */
export const WEB_SERVICE = {
  command: `exec python3 -c '
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        n = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(n)
        note = open("note").read() if os.path.exists("note") else ""
        out = (self.command + " " + self.path + " " + body.decode() + " note=" + note).encode()
        self.send_response(200); self.send_header("content-type", "text/plain"); self.send_header("content-length", str(len(out))); self.end_headers(); self.wfile.write(out)
    do_POST = do_GET
    do_PUT = do_GET
class S(http.server.ThreadingHTTPServer):
    request_queue_size = 128
S(("0.0.0.0", 3000), H).serve_forever()
'`,
  port: 3000,
};
