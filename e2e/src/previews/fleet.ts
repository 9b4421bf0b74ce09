import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { z } from 'zod';
import type { OwnStack } from '../own-stack/own-stack.ts';
import { until } from '../stack.ts';

const sandboxSchema = z.looseObject({
  id: z.string(),
  preview_urls: z.record(z.string(), z.string()),
});
const linkSchema = z.object({ url: z.string(), expires_at: z.string() });
const seenSchema = z.array(z.array(z.string()));

/** A sandbox of a stack of the test's own, with `echo-app.mjs` on port 3000. */
export interface Echo {
  readonly id: string;
  /** Without a slash at the end. */
  readonly url: string;
  link(expiresInSeconds?: number): Promise<string>;
  /** Everything that the app was sent so far, read from within. */
  seen(): Promise<readonly (readonly string[])[]>;
}

/** Calls of one stack's API. */
export function fleetOf(stack: OwnStack) {
  async function call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<unknown> {
    const response = await fetch(`${stack.api}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
      signal: AbortSignal.timeout(90_000),
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async function create(body: object): Promise<Echo> {
    const { id, preview_urls } = sandboxSchema.parse(
      await call('POST', '/sandbox?wait=60', body),
    );
    const app = await readFile(
      join(import.meta.dirname, 'echo-app.mjs'),
      'utf8',
    );
    await call('PUT', `/v1/sandboxes/${id}/files`, {
      path: 'server.mjs',
      content: app,
    });
    await call('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, {
      command: 'exec node server.mjs',
      port: 3000,
    });
    const url = preview_urls['3000'] ?? '';
    const read = async (): Promise<string> => {
      const { stdout } = z.looseObject({ stdout: z.string() }).parse(
        await call('POST', `/sandbox/${id}/exec?wait=30`, {
          shell: 'curl -s http://127.0.0.1:3000/seen || true',
        }),
      );
      return stdout;
    };
    await until('the app to listen', 30_000, async () =>
      (await read()) === '' ? undefined : true,
    );
    return {
      id,
      url,
      async link(expiresInSeconds = 600) {
        const made = await call('POST', `/v1/sandboxes/${id}/preview-links`, {
          expires_in: expiresInSeconds,
        });
        return linkSchema.parse(made).url;
      },
      seen: async () => seenSchema.parse(JSON.parse(await read())),
    };
  }

  return { call, create };
}

/** A program's request for an address, through the edge of a stack on this host. */
export function visit(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<{
  readonly status: number;
  readonly text: string;
  /** The first cookie that it sets, as it is sent back. */
  readonly cookie: string;
}> {
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(
      {
        host: '127.0.0.1',
        port: url.port,
        path: url.pathname + url.search,
        method,
        headers: { host: url.host, ...headers },
        agent: false,
        timeout: 60_000,
        ...(secure && { servername: url.hostname, rejectUnauthorized: false }),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            cookie: incoming.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
          });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
