import type { Page } from 'playwright-core';
import type { Connection } from '@sandboxed/sdk';
import { NotFoundError, Sandbox } from '@sandboxed/sdk';
import type { ConsoleBrowser } from '../src/console-browser.ts';
import { barriers, consoleBrowser } from '../src/console-browser.ts';
import { press, tab, write } from '../src/console-steps.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

let stack: OwnStack;
let browser: ConsoleBrowser;
let connection: Connection;

beforeAll(async () => {
  stack = await startOwnStack();
  connection = { baseUrl: stack.api };
  browser = await consoleBrowser(stack.api);
}, 300_000);
afterEach(async () => {
  await browser.closePages();
  for await (const sandbox of Sandbox.list(connection))
    await sandbox.purge().catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
  expect(browser.complaints()).toEqual([]);
}, 240_000);
afterAll(async () => {
  await browser.close();
  await stack.close();
}, 120_000);

/** Removes the entry that is chosen, and sees it go. */
async function removed(page: Page, name: string): Promise<void> {
  await press(page, 'Remove');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Remove' })
    .click();
  await page
    .getByRole('button', { name, exact: true })
    .waitFor({ state: 'detached' });
}

it('does not save over what somebody else wrote meanwhile, unless told to', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.files.write('src/note.txt', 'first');
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await tab(page, 'Files');
  await press(page, 'src');
  await press(page, 'note.txt');
  await write(page, 'src/note.txt', 'mine');
  await sbx.files.write('src/note.txt', 'theirs');
  await press(page, 'Save');
  await page.getByText('was changed since you opened it').waitFor();
  expect(await sbx.files.read('src/note.txt')).toBe('theirs');
  await press(page, 'See theirs');
  await page
    .getByLabel('Their text of src/note.txt')
    .getByText('theirs', { exact: true })
    .waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'changed-meanwhile');
  await press(page, 'Keep mine');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await sbx.files.read('src/note.txt')).toBe('mine');

  await write(page, 'src/note.txt', 'lost');
  await sbx.files.write('src/note.txt', 'theirs again');
  await press(page, 'Save');
  await press(page, 'Take theirs');
  await page
    .getByLabel('Text of src/note.txt')
    .getByText('theirs again')
    .waitFor();

  await press(page, 'New file');
  await page.getByLabel('Path').fill('src/more.txt');
  await press(page, 'OK');
  await page.getByLabel('Text of src/more.txt').waitFor();
  await press(page, 'Rename');
  await page.getByLabel('Path').fill('src/note.txt');
  await press(page, 'OK');
  await page.getByText('"src/note.txt" is there already').waitFor();
  await page.getByLabel('Path').fill('kept.txt');
  await press(page, 'OK');
  await press(page, 'kept.txt');
  await removed(page, 'kept.txt');
  expect(await sbx.files.exists('kept.txt')).toBe(false);
}, 240_000);

it('keeps what is not saved yet, whatever becomes of other files', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.files.write('note.txt', 'first');
  await sbx.files.write('old/x.txt', 'x');
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await tab(page, 'Files');
  await press(page, 'note.txt');
  await write(page, 'note.txt', 'not saved');
  await press(page, 'old');
  await removed(page, 'old');
  const kept = page.getByLabel('Text of note.txt').getByText('not saved');
  await kept.waitFor();
  await press(page, 'note.txt');
  await press(page, 'Rename');
  await page.getByLabel('Path').fill('new.txt');
  await press(page, 'OK');
  await page.getByText('Save what you changed in note.txt first.').waitFor();
  await press(page, 'Cancel');
  await kept.waitFor();
  await sbx.files.remove('note.txt');
  await press(page, 'Download');
  await page.getByRole('alert').getByText('note.txt').waitFor();
}, 120_000);

it('asks once before uploaded files replace what is there', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.files.write('one.txt', 'theirs');
  await sbx.files.write('two.txt', 'theirs');
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await tab(page, 'Files');
  await press(page, 'one.txt');
  const shown = page.getByLabel('Text of one.txt');
  await shown.getByText('theirs').waitFor();
  const upload = (...names: readonly string[]) =>
    page.getByLabel('Upload').setInputFiles(
      names.map((name) => ({
        ...{ name, mimeType: 'text/plain' },
        buffer: Buffer.from('mine'),
      })),
    );
  await upload('one.txt', 'new.txt', 'two.txt');
  const dialog = page.getByRole('dialog', { name: 'Replace 2 files?' });
  await dialog.getByText('two.txt').waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'replace');
  expect(await sbx.files.read('new.txt')).toBe('mine');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await sbx.files.read('one.txt')).toBe('theirs');
  expect(await sbx.files.read('two.txt')).toBe('theirs');

  // The same one again, and this time for good: who has it open sees it.
  await upload('one.txt');
  await page.getByRole('dialog', { name: 'Replace one.txt?' }).waitFor();
  await press(page, 'Replace');
  await shown.getByText('mine').waitFor();
  expect(await sbx.files.read('one.txt')).toBe('mine');
}, 120_000);

it('does not save over a write of the very moment', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.files.write('note.txt', 'first');
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await tab(page, 'Files');
  await press(page, 'note.txt');
  await write(page, 'note.txt', 'mine');
  // After all that the page reads before it writes.
  await page.route('**/files/content*', async (route) => {
    if (route.request().method() === 'PUT')
      await sbx.files.write('note.txt', 'theirs');
    await route.continue();
  });
  await press(page, 'Save');
  await page.getByText('was changed since you opened it').waitFor();
  expect(await sbx.files.read('note.txt')).toBe('theirs');
}, 120_000);
