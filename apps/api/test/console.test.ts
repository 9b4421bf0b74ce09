import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendRaw } from './raw-http.ts';
import type { Api } from './support.ts';
import { cleanUp, listen, world } from './support.ts';

let directory: string;
let api: Api & { readonly url: string };
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'console-'));
  await writeFile(join(directory, 'index.html'), '<title>built</title>');
  await writeFile(join(directory, 'index-Ab_1.js'), 'export {};');
  // Who may call is no matter: the page asks for a token itself.
  const deps = await world({ SANDBOXD_API_TOKENS: 'admin:adminadminadminadm' });
  api = await listen({ ...deps, consoleDir: directory });
});
afterEach(async () => {
  await cleanUp();
  await rm(directory, { recursive: true });
});

it('serves the console under a policy that lets it load nothing from elsewhere', async () => {
  const { status, headers, text } = await api('GET /');
  expect([status, text]).toEqual([200, '<title>built</title>']);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-cache');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('answers a browser that has the page that it is unchanged, and another one after a change', async () => {
  const tag = (await api('GET /')).headers.get('etag') ?? '';
  const again = (): Promise<{ readonly status: number }> =>
    sendRaw(api.url, [
      'GET / HTTP/1.1',
      'Host: localhost',
      `If-None-Match: ${tag}`,
    ]);
  expect((await again()).status).toBe(304);
  await writeFile(join(directory, 'index.html'), '<title>newer</title>');
  expect((await again()).status).toBe(200);
});

it('serves what was built, to be kept for ever', async () => {
  const { status, headers, text } = await api('GET /console/index-Ab_1.js');
  expect([status, text]).toEqual([200, 'export {};']);
  expect(headers.get('content-type')).toMatch('text/javascript');
  expect(headers.get('cache-control')).toBe(
    'public, max-age=31536000, immutable',
  );
});

it('serves no other file', async () => {
  await writeFile(join(directory, '.hidden.js'), '');
  for (const name of [
    'index.html',
    'none.js',
    '.hidden.js',
    '..%2findex.html',
    '%2e%2e%2fserve.ts',
    'a%00.js',
  ]) {
    const { status, body } = await api(`GET /console/${name}`);
    expect([name, status, body['code']]).toEqual([name, 404, 'not_found']);
  }
});

it('says so where it was not built', async () => {
  await rm(join(directory, 'index.html'));
  const { status, headers, text } = await api('GET /');
  expect([status, headers.get('etag')]).toEqual([404, null]);
  expect(text).toContain('was not built');
});
