import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { modelEnv, startModel } from '../src/model.ts';
import { work } from '../src/task.ts';
import { HTTP_PORT, ok, sandboxes, until, untilStatus } from '../src/stack.ts';

const fleet = sandboxes();
let stopModel: (() => Promise<void>) | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  stopModel = await startModel();
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}, 60_000);
afterEach(() => fleet.clean(), 120_000);
afterAll(async () => {
  await browser?.close();
  await stopModel?.();
});

/** A server that takes its time, as a dev server does. */
const SLOW = {
  command:
    'echo "<title>my app</title><h1>built here</h1>" > index.html; sleep 5; exec python3 -m http.server 3000 --bind 0.0.0.0',
  port: 3000,
};

it('a browser sees the preview, the waiting page while it wakes, and then the app by itself', async () => {
  const { id, preview_urls } = await fleet.create();
  await ok('PUT', `/v1/sandboxes/${id}/services/web?wait=30`, SLOW);
  const page = await browser?.newPage();
  if (page === undefined) throw new Error('no browser');
  const url = preview_urls['3000'] ?? '';
  expect(new URL(url).port).toBe(HTTP_PORT === 80 ? '' : String(HTTP_PORT));

  await until('the app in the browser', 60_000, async () => {
    await page.goto(url).catch(() => undefined);
    return (await page.title()) === 'my app' ? true : undefined;
  });

  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
  await untilStatus(id, 'stopped', 10_000);
  const first = await until(
    'the edge to forget the container',
    10_000,
    async () => {
      const response = await page.goto(url);
      return response?.status() === 503 ? response : undefined;
    },
  );
  expect(first.headers()['retry-after']).toBe('2');
  expect(await page.title()).toBe('Waking up');
  await page.waitForFunction(() => document.title === 'my app', undefined, {
    timeout: 60_000,
  });
  expect(await page.textContent('h1')).toBe('built here');
  await untilStatus(id, 'running', 5_000);
}, 180_000);

it('an unknown preview is a page that says so', async () => {
  const page = await browser?.newPage();
  const response = await page?.goto(
    `http://s-01arz3ndektsv4rrffq69g5fav-3000.preview.localhost:${HTTP_PORT}/`,
  );
  expect(response?.status()).toBe(404);
  expect(await page?.textContent('h1')).toBe('No such sandbox');
}, 60_000);

it('a prompt becomes a page, which sleeps and wakes', async () => {
  const { id, preview_urls } = await fleet.create({
    env: modelEnv(),
    idle_timeout_seconds: 5,
  });
  const { status } = await work(id, {
    agent: 'claude-code',
    prompt:
      '[[write path=index.html content="<title>from a prompt</title><h1>hello from the agent</h1>"]]',
  });
  expect(status).toBe('succeeded');
  const page = await browser?.newPage();
  if (page === undefined) throw new Error('no browser');
  const url = preview_urls['3000'] ?? '';
  await page.goto(url);
  expect(await page.textContent('h1')).toBe('hello from the agent');
  await untilStatus(id, 'stopped', 120_000);
  await page.goto(url);
  await page.waitForFunction(
    () => document.title === 'from a prompt',
    undefined,
    { timeout: 60_000 },
  );
  expect(await page.textContent('h1')).toBe('hello from the agent');
}, 240_000);
