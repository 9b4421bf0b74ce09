import { sendRaw } from './raw-http.ts';
import type { Api } from './support.ts';
import { cleanUp, listen, world } from './support.ts';

let api: Api & { readonly url: string };
beforeAll(async () => {
  // Who may call is no matter: the page asks for a token itself.
  api = await listen(
    await world({ SANDBOXD_API_TOKENS: 'admin:adminadminadminadm' }),
  );
});
afterAll(cleanUp);

it('serves a page to browse the API that loads nothing from elsewhere', async () => {
  const { status, headers, text } = await api('GET /docs');
  expect(status).toBe(200);
  expect(text).not.toMatch(/https?:\/\//);
  expect(text).not.toMatch(/<script>|<style|style=/);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'; style-src 'self';");
  const sources = [...text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)];
  expect(sources).toHaveLength(3);
  for (const [, path = ''] of sources) {
    const file = await api(`GET ${path}`);
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers.get('content-type')).toMatch(
      path.endsWith('.css') ? 'text/css' : 'text/javascript',
    );
    expect(file.text.length).toBeGreaterThan(100);
  }
});

it('serves no other file', async () => {
  for (const name of ['package.json', '..%2fpackage.json', 'none']) {
    const { status, body } = await api(`GET /docs/${name}`);
    expect([name, status, body['code']]).toEqual([name, 404, 'not_found']);
  }
});

it('answers a client that has the file that it is unchanged', async () => {
  const first = await api('GET /docs/swagger-ui.css');
  const since = first.headers.get('last-modified') ?? '';
  // `fetch` would tell caches to leave it alone.
  const again = await sendRaw(api.url, [
    'GET /docs/swagger-ui.css HTTP/1.1',
    'Host: localhost',
    `If-Modified-Since: ${since}`,
  ]);
  expect(again.status).toBe(304);
});
