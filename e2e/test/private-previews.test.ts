import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Browser, BrowserContext } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { freePorts } from '../src/own-stack/free-ports.ts';
import type { Echo } from '../src/previews/fleet.ts';
import { fleetOf, visit } from '../src/previews/fleet.ts';
import { go } from '../src/previews/go.ts';
import { until } from '../src/stack.ts';

declare global {
  interface Window {
    /** Of `echo-app.mjs`. */
    readonly probe: () => Promise<Readonly<Record<string, string>>>;
  }
}

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  let stack: OwnStack;
  let browser: Browser;
  let builder: Server;
  let builderUrl = '';
  let context: BrowserContext;
  let mine: Echo;
  let neighbour: Echo;
  let framed = '';

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    // Two names of one server: the builder that is allowed, and a site that is not.
    builderUrl = `http://localhost:${port}`;
    builder = createServer((_request, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end(`<title>builder</title><iframe src="${framed}"></iframe>`);
    });
    builder.listen(port, '127.0.0.1');
    await once(builder, 'listening');
    stack = await startOwnStack({
      tls: scheme === 'https',
      env: { SANDBOXED_BUILDER_ORIGINS: builderUrl },
    });
    const fleet = fleetOf(stack);
    mine = await fleet.create({ visibility: 'private' });
    neighbour = await fleet.create({});
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        // What other browsers do by themselves: no cookies of another site but partitioned ones.
        '--test-third-party-cookie-phaseout',
      ],
    });
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    builder.close();
    await stack.close();
  }, 120_000);
  beforeEach(async () => {
    context = await browser.newContext({ ignoreHTTPSErrors: true });
  });
  afterEach(() => context.close());

  /** The same pages under a name that is not allowed. */
  const foreignUrl = () => builderUrl.replace('localhost', '127.0.0.1');
  const hasSession = async (): Promise<boolean> =>
    (await context.cookies(mine.url)).some(({ name }) =>
      name.endsWith('sandboxed-preview'),
    );
  /** The heading of what the address shows in a tab. */
  async function opened(address: string): Promise<string | null> {
    const page = await context.newPage();
    await go(page, address);
    return page.textContent('h1');
  }
  /** What a page of `site` gets for its frame. */
  async function framedBy(site: string, address: string) {
    framed = address;
    const page = await context.newPage();
    const answer = page.waitForResponse(
      (response) =>
        response.url().startsWith(`${mine.url}/`) && response.status() !== 303,
    );
    await go(page, site);
    return answer;
  }

  it('a link opens the preview at its clean address, with web sockets and streams, and the app sees nothing of it', async () => {
    const link = await mine.link();
    const page = await context.newPage();
    await go(page, `${link}&page=1`);
    expect(page.url()).toBe(`${mine.url}/?page=1`);
    expect(await page.title()).toBe('my app');
    await go(page, mine.url);
    const probed = await page.evaluate(() => window.probe());
    expect(probed).toMatchObject({
      word: 'joined',
      event: 'streamed',
      cookie: 'own=1',
    });
    const [session] = (await context.cookies(mine.url)).filter(({ name }) =>
      name.endsWith('sandboxed-preview'),
    );
    expect(session).toMatchObject({
      name: `${scheme === 'https' ? '__Host-' : ''}sandboxed-preview`,
      domain: new URL(mine.url).hostname,
      httpOnly: true,
      secure: scheme === 'https',
      sameSite: 'Lax',
    });
    const seen = JSON.stringify(await mine.seen());
    expect(seen).toContain('/?page=1');
    expect(seen).toContain('own=1');
    expect(seen).not.toMatch(/sandboxed.(preview|wake)/i);
    for (const pass of [link, session?.value ?? ''])
      expect(seen).not.toContain(pass.split('.').at(-1));
  }, 60_000);

  it('without a session, or with one that is wrong, over, of another sandbox or revoked, there is a page that says so', async () => {
    expect(await opened(mine.url)).toBe('Private preview');
    expect(await opened(`${mine.url}/?sandboxed_preview=1.x`)).toBe(
      'Private preview',
    );
    const other = await fleetOf(stack).create({ visibility: 'private' });
    const pass = new URL(await other.link()).search;
    expect(await opened(`${mine.url}/${pass}`)).toBe('Private preview');
    expect(await hasSession()).toBe(false);

    const page = await context.newPage();
    await go(page, await mine.link(2));
    expect(await page.title()).toBe('my app');
    await until('the session to end', 10_000, async () => {
      const status = await page.evaluate(
        async () => (await fetch('/').catch(() => undefined))?.status,
      );
      return status === 401 ? true : undefined;
    });
    await go(page, mine.url);
    expect(await page.textContent('h1')).toBe('Private preview');

    const link = await mine.link();
    await go(page, link);
    expect(await page.title()).toBe('my app');
    await fleetOf(stack).call(
      'DELETE',
      `/v1/sandboxes/${mine.id}/preview-links`,
    );
    for (const address of [mine.url, link])
      expect(await opened(address)).toBe('Private preview');
  }, 90_000);

  it('an allowed builder shows it in a frame, with a session that is of no use in another site', async () => {
    const shown = await framedBy(builderUrl, await mine.link());
    expect(shown.status()).toBe(200);
    expect(shown.url()).toBe(`${mine.url}/`);
    const probed = await shown.frame().evaluate(() => window.probe());
    expect(probed).toMatchObject({ word: 'joined', event: 'streamed' });
    expect((await framedBy(foreignUrl(), mine.url)).status()).toBe(401);
    expect(JSON.stringify(await mine.seen())).not.toMatch(
      /sandboxed.(preview|wake)/i,
    );
  }, 60_000);

  it("a session of a tab's own is not there for a frame in another site", async () => {
    expect(await opened(await mine.link())).toBe('private');
    expect((await framedBy(foreignUrl(), mine.url)).status()).toBe(401);
  }, 60_000);

  it("another sandbox's page can neither use a session nor shut its owner out", async () => {
    expect(await opened(await mine.link())).toBe('private');
    const page = await context.newPage();
    await go(page, neighbour.url);
    const parent = new URL(mine.url).hostname.replace(/^[^.]+\./, '');
    await page.evaluate(
      async ([target, domain]) => {
        for (const name of ['sandboxed-preview', '__Host-sandboxed-preview'])
          for (const path of ['/', '/deep'])
            document.cookie = `${name}=9999999999.x; path=${path}; domain=${domain}`;
        await fetch(`${target}/stolen`, {
          mode: 'no-cors',
          credentials: 'include',
        }).catch(() => undefined);
        await fetch(`${target}/stolen`, {
          method: 'POST',
          credentials: 'include',
        }).catch(() => undefined);
        await new Promise((done) => {
          const image = new Image();
          image.onerror = done;
          image.src = `${target}/stolen.png`;
        });
        await new Promise((done) => {
          const socket = new WebSocket(
            `${target.replace('http', 'ws')}/stolen`,
          );
          socket.onopen = done;
          socket.onerror = done;
        });
      },
      [mine.url, parent] as const,
    );
    expect(await opened(`${mine.url}/deep/page`)).toBe('private');
    const seen = JSON.stringify(await mine.seen());
    expect(seen).toContain('/deep/page');
    expect(seen).not.toContain('stolen');
    expect(seen).not.toMatch(/sandboxed.(preview|wake)/i);
  }, 60_000);

  it('what a visitor says of itself, in the words of the edge, opens nothing', async () => {
    const host = new URL(neighbour.url).host;
    const forged = {
      'X-Forwarded-Host': host,
      'X-Forwarded-Uri': '/seen',
      'X-Forwarded-Method': 'GET',
      X_Forwarded_Host: host,
      Forwarded: `host=${host}`,
      Authorization: 'Bearer 0123456789abcdef',
    };
    for (const path of ['/', '/guard', '//guard', '/%2e/guard'])
      expect((await visit(mine.url + path, forged)).status).toBe(401);
    const connection = { Connection: 'close, Cookie, X-Forwarded-Host' };
    const { cookie } = await visit(await mine.link());
    expect(cookie).toContain('sandboxed-preview=');
    expect((await visit(mine.url, { cookie })).status).toBe(200);
    await visit(mine.url, { cookie, ...connection });
    await visit(mine.url, { cookie: `${cookie}; ${cookie}; a="b;c"` });
    await visit(mine.url, { COOKIE: cookie.toUpperCase() });
    expect(JSON.stringify(await mine.seen())).not.toMatch(
      /sandboxed.(preview|wake)/i,
    );
  }, 60_000);

  it('a sleeping one wakes for who has a session, and for nobody else', async () => {
    const fleet = fleetOf(stack);
    const sleeper = await fleet.create({ visibility: 'private' });
    const { cookie } = await visit(await sleeper.link());
    expect((await visit(sleeper.url, { cookie })).status).toBe(200);
    await fleet.call('POST', `/v1/sandboxes/${sleeper.id}/stop?wait=60`, {
      force: true,
    });
    expect((await visit(sleeper.url)).status).toBe(401);
    expect(await opened(sleeper.url)).toBe('Private preview');
    expect(await fleet.call('GET', `/sandbox/${sleeper.id}`)).toMatchObject({
      status: 'stopped',
    });
    expect((await visit(sleeper.url, { cookie })).status).toBe(200);
    const seen = JSON.stringify(await sleeper.seen());
    expect(seen).not.toMatch(/sandboxed.(preview|wake)/i);
  }, 120_000);
});
