import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let browser: Browser;
beforeAll(async () => {
  stack = await startOwnStack({ workers: 1 });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}, 60_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
}, 60_000);

it('shows all queues in a browser, from the bundle, and asks nobody but the api', async () => {
  const page = await browser.newPage();
  const refused: string[] = [];
  const elsewhere: string[] = [];
  page.on('pageerror', ({ message }) => refused.push(message));
  page.on('response', (response) => {
    if (!response.url().startsWith(stack.api)) elsewhere.push(response.url());
    if (response.status() >= 400) refused.push(response.url());
  });
  await page.goto(`${stack.api}/admin/queues`);
  for (const name of ['lifecycle', 'exec', 'task', 'maintenance', 'reaper'])
    await page.getByText(name, { exact: true }).first().waitFor();
  await page.goto(`${stack.api}/admin/queues/queue/reaper`);
  await page.getByText('reaper', { exact: true }).first().waitFor();
  expect(refused).toEqual([]);
  expect(elsewhere).toEqual([]);
}, 60_000);
