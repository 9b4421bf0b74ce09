import { Client, Sandbox } from '@sandboxed/sdk';
import type { ConsoleBrowser } from '../src/console-browser.ts';
import { barriers, consoleBrowser } from '../src/console-browser.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

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
  expect(browser.complaints()).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
}, 120_000);

describe('keys', () => {
  it('are made, shown once to be copied, used, and revoked', async () => {
    const page = await browser.open('/', ADMIN);
    await page.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('<b>ci</b>');
    const scope = (name: RegExp) => dialog.getByRole('checkbox', { name });
    // What includes another one has it ticked, and lets go of it again.
    expect(await scope(/^write/).isChecked()).toBe(true);
    expect(await scope(/^read/).isChecked()).toBe(true);
    expect(await scope(/^read/).isDisabled()).toBe(true);
    await scope(/^write/).uncheck();
    expect(await scope(/^read/).isChecked()).toBe(false);
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText('Choose at least one').waitFor();
    expect(await barriers(page)).toEqual([]);
    await scope(/^read/).check();
    await scope(/^metrics/).check();
    await dialog.getByRole('textbox', { name: 'Tenant' }).fill('ann');
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'key-new');
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    await dialog.getByText('not shown again').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'key-made');
    await page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog.getByRole('button', { name: 'Copy the key' }).click();
    await dialog.getByText('Copied the key').waitFor();
    const secret = String(
      await page.evaluate('navigator.clipboard.readText()'),
    );
    const mine = new Client({ baseUrl: stack.api, token: secret });
    const { caller } = await mine.json('get', '/v1/system', {});
    expect(caller).toMatchObject({
      tenant: 'ann',
      scopes: ['read', 'metrics'],
    });
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('button', { name: 'Revoke <b>ci</b>' }).click();
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('listitem').getByText('revoked').waitFor();
    await expect(mine.json('get', '/v1/system', {})).rejects.toThrow();
  }, 120_000);

  it('that may only read are told so, and offered nothing that they may not', async () => {
    const client = new Client({ baseUrl: stack.api, token: ADMIN });
    const { secret } = await client.json('post', '/v1/keys', {
      body: { name: 'looks', scopes: ['read'], tenant: 'ann' },
    });
    const made = await Sandbox.create({ baseUrl: stack.api, token: ANN });
    const page = await browser.open(`/sandboxes/${made.id}`, secret);
    await page.getByText('This key may only look').waitFor();
    await page.getByRole('tab', { name: 'Files' }).waitFor();
    for (const name of ['Stop', 'Start', 'Delete…'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    await page.getByRole('link', { name: 'Sandboxes' }).click();
    await page.getByRole('list', { name: 'Sandboxes' }).waitFor();
    expect(
      await page.getByRole('button', { name: 'New sandbox' }).count(),
    ).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'read-only');
    await made.purge();
  }, 120_000);

  it('are not offered to others than admins, who are told why', async () => {
    const page = await browser.open('/keys', ANN);
    await page.getByText('of the scope admin: sign in with another').waitFor();
    expect(await page.getByRole('link', { name: 'Keys' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
  }, 120_000);
});

describe('webhooks', () => {
  it('are made with a secret, tried, looked into, sent again, switched off and removed', async () => {
    const page = await browser.open('/', ANN);
    await page.getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('button', { name: 'New webhook' }).click();
    const dialog = page.getByRole('dialog');
    // Nobody is there: what becomes of it is told.
    await dialog.getByLabel('URL').fill('https://127.0.0.1:9443/in');
    await dialog.getByLabel('Description').fill('the shop');
    await dialog.getByRole('checkbox', { name: 'sandbox.created' }).uncheck();
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Make the webhook' }).click();
    await dialog.getByText('whsec_').waitFor();
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('link', { name: 'https://127.0.0.1:9443/in' }).click();

    await page.getByRole('button', { name: 'Send a test' }).click();
    const sent = page.getByRole('listitem').filter({ hasText: 'webhook.test' });
    await sent.getByText('1 try').waitFor();
    await sent.getByRole('button', { name: 'Send again' }).click();
    await sent.getByText('2 tries').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'webhook');
    await page.getByRole('button', { name: 'New secret' }).click();
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await dialog.getByText('whsec_').waitFor();
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('somebody switched it off').waitFor();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('status').getByText('enabled').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No webhooks.').waitFor();
  }, 120_000);

  it('tell what is wrong with one, and are only looked at by who may only read', async () => {
    const page = await browser.open('/webhooks', ANN);
    await page.getByRole('button', { name: 'New webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('URL').fill('http://example.org/in');
    await dialog.getByRole('button', { name: 'Make the webhook' }).click();
    await dialog.getByText('must be an https URL').waitFor();
    const client = new Client({ baseUrl: stack.api, token: ADMIN });
    const { secret } = await client.json('post', '/v1/keys', {
      body: { name: 'looks', scopes: ['read'], tenant: 'ann' },
    });
    const other = await browser.open('/system', secret);
    // Then it is known what may be shown.
    await other.getByText('Yours has read').waitFor();
    await other.getByRole('link', { name: 'Webhooks' }).click();
    await other.getByText('No webhooks.').waitFor();
    expect(
      await other.getByRole('button', { name: 'New webhook' }).count(),
    ).toBe(0);
  }, 120_000);
});
