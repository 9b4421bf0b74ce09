import { gzipSync } from 'node:zlib';
import { Client, Keys, NotFoundError, Sandbox, Webhooks } from '@sandboxed/sdk';
import type { Page } from 'playwright-core';
import type { ConsoleBrowser } from '../src/console-browser.ts';
import { barriers, consoleBrowser, overhang } from '../src/console-browser.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

const ADMIN = 'admin-admin-admin-admin';
const ANN = 'ann-ann-ann-ann-ann-ann';

let stack: OwnStack;
let browser: ConsoleBrowser;

beforeAll(async () => {
  stack = await startOwnStack({
    apiEnv: { SANDBOXD_API_TOKENS: `admin:${ADMIN},ann:${ANN}` },
  });
  browser = await consoleBrowser(stack.api);
}, 300_000);
afterEach(async () => {
  await browser.closePages();
  const all = Sandbox.list({ baseUrl: stack.api, token: ADMIN });
  for await (const sandbox of all)
    await sandbox.purge().catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
  expect(browser.complaints()).toEqual([]);
}, 240_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
}, 120_000);

const card = (page: Page, name: string) =>
  page.getByRole('listitem').filter({
    has: page.getByRole('heading', { name, exact: true }),
  });

const create = (name: string) =>
  Sandbox.create({ baseUrl: stack.api, token: ADMIN, name });

it('asks for a token, says of a wrong one that it is wrong, and forgets the right one when told to', async () => {
  const page = await browser.open();
  await page.getByText('This installation asks for a token.').waitFor();
  await page.getByLabel('Token or API key').fill('wrong-wrong-wrong-wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That token is not known here').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByLabel('Token or API key').fill(ADMIN);
  await page.keyboard.press('Enter');
  await page.getByText('No sandboxes yet').waitFor();
  expect(
    await page.evaluate('localStorage.length + document.cookie.length'),
  ).toBe(0);
  await page.reload();
  await page.getByText('No sandboxes yet').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('This installation asks for a token.').waitFor();
  expect(await page.evaluate("sessionStorage.getItem('sandboxed.token')")).toBe(
    null,
  );
}, 120_000);

it('lets who may not read say another token', async () => {
  const client = new Client({ baseUrl: stack.api, token: ADMIN });
  const { secret } = await client.json('post', '/v1/keys', {
    body: { name: 'figures alone', scopes: ['metrics'] },
  });
  const page = await browser.open('/', secret);
  await page.getByText('forbidden_scope').waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole('button', { name: 'Use another token' }).click();
  await page.getByText('This installation asks for a token.').waitFor();
}, 120_000);

it('loads little for its first page: its editor and terminal come when they are opened', async () => {
  const page = await (await fetch(stack.api)).text();
  const paths = [...page.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)];
  expect(paths.length).toBeGreaterThan(1);
  let bytes = 0;
  for (const [, path = ''] of paths) {
    const file = await fetch(new URL(path, stack.api));
    bytes += gzipSync(await file.bytes()).length;
  }
  expect(bytes).toBeLessThan(130_000);
});

it('has a policy under which nothing is sent elsewhere and no script of a tenant runs', async () => {
  const page = await browser.open('/', ADMIN);
  await page.getByText('No sandboxes yet').waitFor();
  await page.evaluate(`(async () => {
    await fetch('http://127.0.0.1:1/').catch(() => undefined);
    const script = document.createElement('script');
    script.textContent = 'window.wasRun = true';
    document.body.append(script);
    const image = new Image();
    image.src = 'http://127.0.0.1:1/a.png';
    document.body.append(image);
    document.body.insertAdjacentHTML('beforeend', '<b onclick="window.wasRun = true">x</b>');
    document.body.lastElementChild.click();
    await new Promise((resolve) => setTimeout(resolve, 200));
  })()`);
  expect(await page.evaluate('window.wasRun')).toBeUndefined();
  const said = browser.complaints().join('\n');
  for (const directive of [
    'policy: connect-src http://127.0.0.1:1',
    'policy: script-src-elem inline',
    'policy: script-src-attr inline',
    'policy: img-src http://127.0.0.1:1',
  ])
    expect(said).toContain(directive);
}, 120_000);

it('creates, stops, starts and deletes by the keyboard alone; a name with HTML stays text', async () => {
  const name = '<img src=x onerror=alert(1)>';
  const page = await browser.open('/', ADMIN);
  await page.getByText('No sandboxes yet').waitFor();
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const to = async (role: 'button' | 'link', label: string) => {
    for (let steps = 0; steps < 30; steps += 1) {
      await press('Tab');
      const at = page.getByRole(role, { name: label, exact: true });
      if (await at.first().evaluate((one) => one === document.activeElement))
        return;
    }
    throw new Error(`no ${label} is reached by the keyboard`);
  };
  await to('button', 'New sandbox');
  await press('Enter');
  await page.getByRole('dialog', { name: 'New sandbox' }).waitFor();
  await page.keyboard.type(name);
  await press('Escape');
  const opener = page.getByRole('button', { name: 'New sandbox' });
  expect(await opener.evaluate((one) => one === document.activeElement)).toBe(
    true,
  );
  await press('Enter');
  await page.keyboard.type(name);
  await press('Enter');
  const made = card(page, name);
  await made.getByText('running', { exact: true }).waitFor();
  expect(await page.locator('img').count()).toBe(0);

  await to('button', 'Stop');
  await press('Enter');
  await made.getByText('stopped', { exact: true }).waitFor();
  // The focus is still there, and the button does the contrary now.
  await made.getByRole('button', { name: 'Start' }).waitFor();
  await press('Enter');
  await made.getByText('running', { exact: true }).waitFor();

  await to('button', 'Delete…');
  await press('Enter');
  await page.getByRole('dialog', { name: `Delete ${name}?` }).waitFor();
  expect(await barriers(page)).toEqual([]);
  await press('Enter');
  await page.getByText('No sandboxes yet').waitFor();
  // What had the focus is gone: the heading of the page has it now.
  expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
}, 240_000);

it('says at its field what is wrong with a new sandbox', async () => {
  const page = await browser.open('/', ADMIN);
  await page.getByRole('button', { name: 'New sandbox' }).click();
  await page.getByText('More settings').click();
  const memory = page.getByLabel('Memory in MiB');
  await page.getByLabel('Environment').fill('A=1\nnothing');
  await memory.fill('1');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('Line 2 is not of the form NAME=value.').waitFor();
  await page.getByLabel('Environment').fill('A=1');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('expected number to be >=64').waitFor();
  expect(await memory.getAttribute('aria-invalid')).toBe('true');
  expect(await memory.evaluate((one) => one === document.activeElement)).toBe(
    true,
  );
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'create-refused');
}, 120_000);

it('shows what others change, and offers to stop one that is at work', async () => {
  const page = await browser.open('/', ADMIN);
  await page.getByText('No sandboxes yet').waitFor();
  const sandbox = await create('of another');
  await card(page, 'of another')
    .getByText('running', { exact: true })
    .waitFor();
  await sandbox.commands.background('sleep 600');
  const long = sandbox.commands.run('sleep 600').catch(() => undefined);
  await page.getByRole('link', { name: 'Jobs' }).click();
  await page.getByRole('link', { name: 'exec' }).first().waitFor();
  await page.getByRole('link', { name: 'Sandboxes', exact: true }).click();
  const there = card(page, 'of another');
  await there.getByRole('button', { name: 'Stop', exact: true }).click();
  await there.getByRole('button', { name: 'Stop anyway' }).click();
  await there.getByText('stopped', { exact: true }).waitFor();
  await long;
  await sandbox.delete();
  await page.getByText('No sandboxes yet').waitFor();
}, 240_000);

it('tries again what failed, when told to', async () => {
  const sandbox = await create('second try');
  await sandbox.stop();
  const page = await browser.open('/', ADMIN);
  const refusal = { code: 'conflict', detail: 'Not now.' };
  await page.route(
    '**/start',
    (route) =>
      route.fulfill({
        ...{ status: 409, contentType: 'application/problem+json' },
        body: JSON.stringify(refusal),
      }),
    { times: 1 },
  );
  const there = card(page, 'second try');
  await there.getByRole('button', { name: 'Start' }).click();
  await there.getByText('Not now.').waitFor();
  await there.getByRole('button', { name: 'Try again' }).click();
  await there.getByText('running', { exact: true }).waitFor();
}, 120_000);

it('shows what one that runs uses, once it was sampled', async () => {
  await create('busy');
  const page = await browser.open('/', ADMIN);
  const memory = card(page, 'busy').getByText('of 2.0 GiB');
  await memory.waitFor({ timeout: 40_000 });
  await browser.picture(page, 'trends');
  expect(await barriers(page)).toEqual([]);
}, 120_000);

it('finds by text and by state', async () => {
  await Promise.all([create('one'), create('two')]);
  const page = await browser.open('/', ADMIN);
  await card(page, 'one').waitFor();
  await page.getByLabel('Search by name, id, image or label').fill('TWO');
  await card(page, 'one').waitFor({ state: 'detached' });
  await card(page, 'two').waitFor();
  await page.getByLabel('Status').selectOption('stopped');
  await page.getByText('Nothing fits.').waitFor();
}, 120_000);

it('says that the connection is away, and goes on by itself once it is back', async () => {
  const sandbox = await create('survivor');
  const page = await browser.open('/', ADMIN);
  await card(page, 'survivor').getByText('running', { exact: true }).waitFor();
  const api = stack.child('api');
  await api.down('SIGKILL');
  await page.getByText('The connection is away').waitFor();
  // What was known is still there to be read.
  expect(await card(page, 'survivor').count()).toBe(1);
  await browser.picture(page, 'away');
  expect(await barriers(page)).toEqual([]);
  api.up();
  await stack.ready();
  await page.getByText('The connection is away').waitFor({ state: 'hidden' });
  await sandbox.stop();
  await card(page, 'survivor').getByText('stopped', { exact: true }).waitFor();
  await page.getByText('was not answered').waitFor({ state: 'hidden' });
}, 240_000);

it('shows a job with where its time went, and cancels a command', async () => {
  const sandbox = await create('worker');
  const long = sandbox.commands.run('sleep 600').catch(() => undefined);
  const page = await browser.open('/jobs', ADMIN);
  await page.getByLabel('Kind').selectOption('create');
  await page.getByRole('link', { name: 'create' }).first().click();
  await page.getByText('Where the time went').waitFor();
  await browser.picture(page, 'job');
  expect(await barriers(page)).toEqual([]);
  await page.goBack();
  await page.getByLabel('Status').selectOption('running');
  const running = page.getByRole('listitem').filter({ hasText: 'running' });
  await running.getByRole('link', { name: 'exec', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page
    .getByRole('status')
    .getByText('cancelled', { exact: true })
    .waitFor();
  await long;
}, 240_000);

it('holds a connection only while somebody can see its tab', async () => {
  const page = await browser.open('/', ANN);
  const client = new Client({ baseUrl: stack.api, token: ANN });
  const untilStreams = (count: number) =>
    until(`${count} streams`, 10_000, async () => {
      const { usage } = await client.json('get', '/v1/usage', {});
      return usage['streams']?.used === count ? true : undefined;
    });
  const show = (state: 'hidden' | 'visible') =>
    page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  await untilStreams(1);
  await show('hidden');
  await untilStreams(0);
  await show('visible');
  await untilStreams(1);
}, 120_000);

it('says to others than admins why they do not see how the installation is', async () => {
  const page = await browser.open('/system', ANN);
  await page.getByText('told to tokens and keys of the scope admin').waitFor();
  await page.getByRole('heading', { name: 'Use of ann' }).waitFor();
  expect(await page.getByRole('heading', { name: 'Capacity' }).count()).toBe(0);
}, 120_000);

it.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)(
  'has no barrier and no side scroll in %s at %d px',
  async (colorScheme, width) => {
    await Promise.all([create('shop'), create('a-very-long-name-'.repeat(4))]);
    const admin = { baseUrl: stack.api, token: ADMIN };
    await new Keys(admin).create({ name: 'ci', scopes: ['write'] });
    const webhooks = new Webhooks(admin);
    const { id } = await webhooks.create({
      url: `https://127.0.0.1:9443/${'a-long-path-'.repeat(8)}`,
    });
    const { id: deliveryId } = await webhooks.test(id);
    await until('a try', 10_000, async () => {
      const { attempts } = await webhooks.delivery(id, deliveryId);
      return attempts > 0;
    });
    const look = { colorScheme, width };
    const page = await browser.open('/', ADMIN, look);
    for (const [hash, heading, seen] of [
      ['/', 'Sandboxes', '.sandbox .status'],
      ['/jobs', 'Jobs', '.jobs .status'],
      ['/system', 'System', '.panels .share'],
      ['/keys', 'API keys', '.rows .status'],
      ['/webhooks', 'Webhooks', '.rows .status'],
      [`/webhooks/${id}`, 'Webhook', '.rows .status'],
    ] as const) {
      await page.goto(`${stack.api}/#${hash}`);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      await page.locator(seen).first().waitFor();
      const picture = `${heading.toLowerCase()}-${colorScheme}-${width}`;
      await browser.picture(page, picture);
      expect([hash, await barriers(page), await overhang(page)]).toEqual([
        hash,
        [],
        0,
      ]);
    }
    await webhooks.delete(id);
    await page.goto(`${stack.api}/#/`);
    await page.getByRole('button', { name: 'New sandbox' }).click();
    await page.getByText('More settings').click();
    await browser.picture(page, `create-${colorScheme}-${width}`);
    expect(await barriers(page)).toEqual([]);
  },
  240_000,
);
