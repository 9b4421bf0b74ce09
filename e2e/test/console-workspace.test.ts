import type { Connection } from '@sandboxed/sdk';
import { Client, NotFoundError, Sandbox } from '@sandboxed/sdk';
import type { ConsoleBrowser } from '../src/console-browser.ts';
import { barriers, consoleBrowser, overhang } from '../src/console-browser.ts';
import { press, tab, write } from '../src/console-steps.ts';
import { modelEnv, startModel } from '../src/model.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

let stack: OwnStack;
let browser: ConsoleBrowser;
let connection: Connection;
let stopModel: (() => Promise<void>) | undefined;

beforeAll(async () => {
  stopModel = await startModel();
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
  await stopModel?.();
}, 120_000);

const PAGE = '<title>app</title><h1>built here</h1>';

it('takes a prompt to a page beside it, which is changed in the editor, and goes back to before it', async () => {
  const sbx = await Sandbox.create({ ...connection, env: modelEnv() });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await page
    .getByLabel('What is to be built?')
    .fill(
      `[[write path=index.html content="${PAGE}"]] [[done text=<b>finished</b>]]`,
    );
  await page.keyboard.press('Control+Enter');
  const log = page.getByRole('log', { name: 'What the agent does' });
  // What an agent says is text, whatever it says.
  await log.getByText('<b>finished</b>').waitFor();
  const end = page.getByRole('group', { name: 'How it ended' });
  await end.waitFor();
  await end.getByText('1 changed file').click();
  await end.getByText('index.html').waitFor();
  const shown = page.frameLocator('iframe').getByRole('heading');
  await shown.getByText('built here').waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'agent');

  await tab(page, 'Files');
  await press(page, 'index.html');
  await write(page, 'index.html', PAGE.replace('built here', 'changed here'));
  await page.getByText('Not saved').waitFor();
  await page.keyboard.press('Control+s');
  await page.getByText('Saved', { exact: true }).waitFor();
  expect(await sbx.files.read('index.html')).toContain('changed here');
  await press(page, 'Reload');
  await shown.getByText('changed here').waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'files');

  await tab(page, 'Agent');
  await press(page, 'Back to before this');
  await press(page, 'Go back');
  await page.getByText('The files are as they were before it.').waitFor();
  expect(await sbx.files.exists('index.html')).toBe(false);
}, 300_000);

it('holds no stream while nobody sees its tab, and misses nothing of what was told meanwhile', async () => {
  const sbx = await Sandbox.create({ ...connection, env: modelEnv() });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  const run = await sbx.tasks.run({
    agent: 'claude-code',
    prompt:
      '[[bash cmd="until test -e go; do sleep 0.1; done"]] [[done text=finished]]',
  });
  const client = new Client(connection);
  const untilStreams = (isSome: boolean) =>
    until(`streams: ${String(isSome)}`, 10_000, async () => {
      const { usage } = await client.json('get', '/v1/usage', {});
      return (usage['streams']?.used ?? 0) > 0 === isSome;
    });
  const show = (state: 'hidden' | 'visible') =>
    page.evaluate(`
      Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    `);
  const log = page.getByRole('log', { name: 'What the agent does' });
  await log.getByText('The agent is at work.').waitFor();
  await untilStreams(true);
  await show('hidden');
  await untilStreams(false);
  await sbx.files.write('go', '');
  await run.result();
  expect(await log.getByText('finished').count()).toBe(0);
  await show('visible');
  await log.getByText('finished').waitFor();
  expect(await log.getByText('The agent is at work.').count()).toBe(1);
  await page.getByRole('group', { name: 'How it ended' }).waitFor();
}, 240_000);

it('is a terminal that survives the death of the api, and ends with its shell', async () => {
  const sbx = await Sandbox.create(connection);
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await tab(page, 'Terminal');
  await page.getByText('Connected.').waitFor();
  const screen = page.locator('.xterm-accessibility-tree');
  await page.keyboard.type('echo $((6*7)) answers\n');
  await screen.getByText('42 answers').waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'terminal');
  await stack.child('api').kill();
  await page.getByText('The connection is away. Reconnecting…').waitFor();
  await page.getByText('Connected.').waitFor();
  await page.keyboard.type('echo still $((6*8))\n');
  await screen.getByText('still 48').waitFor();
  await page.keyboard.press('F6');
  expect(
    await page.evaluate("document.activeElement.closest('.xterm') === null"),
  ).toBe(true);
  await page.locator('.xterm').click();
  await page.keyboard.type('exit 3\n');
  await page.getByText('The shell ended with 3.').waitFor();
  await press(page, 'Open another');
  await page.getByText('Connected.').waitFor();
}, 240_000);

it('keeps services, shows their logs, and follows the sandbox to sleep and back', async () => {
  const sbx = await Sandbox.create({ ...connection, name: 'the shop' });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await page.getByRole('heading', { name: 'the shop' }).waitFor();
  await tab(page, 'Services');
  await press(page, 'Add a service');
  await page
    .getByLabel('Command')
    .fill('echo begun; exec python3 -m http.server 3000 --bind 0.0.0.0');
  await page.getByLabel('Port').fill('3000');
  await press(page, 'Add');
  await press(page, 'Log of web');
  await page
    .getByRole('log', { name: 'Log of web' })
    .getByText('begun')
    .waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'services');
  await press(page, 'Restart web');
  await page
    .getByRole('log', { name: 'Log of web' })
    .getByText(/begun[^]*begun/)
    .waitFor();
  // A frame that is still being loaded would wake the sandbox again.
  await page
    .frameLocator('iframe')
    .getByRole('heading', { name: /Directory listing/ })
    .waitFor();
  await sbx.stop({ force: true });
  await page.getByText('The sandbox sleeps.').waitFor();
  await press(page, 'Wake it by its preview');
  await page
    .frameLocator('iframe')
    .getByRole('heading', { name: /Directory listing/ })
    .waitFor();
  await page.getByRole('status').getByText('running').waitFor();
}, 300_000);

it('shows where lines of a log are lost', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.services.put('web', { command: 'exec sleep 600' });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  let isFirst = true;
  await page.route('**/services/web/logs?**', (route) => {
    const body = isFirst
      ? `id: ${'a'.repeat(16)}-8\nevent: log\ndata: {"text":"one\\ntwo"}\n\n` +
        'event: trimmed\ndata: {"message":"gone","bytes":12345}\n\n' +
        `id: ${'a'.repeat(16)}-12356\nevent: log\ndata: {"text":"end\\n"}\n\n`
      : ': nothing more\n\n';
    isFirst = false;
    return route.fulfill({ contentType: 'text/event-stream', body });
  });
  await tab(page, 'Services');
  await press(page, 'Log of web');
  const log = page.getByRole('log', { name: 'Log of web' });
  await log.getByText('12,345 bytes are gone').waitFor();
  expect(await log.textContent()).toBe(
    'one\ntwo\n… 12,345 bytes are gone: no longer kept …\nend\n',
  );
}, 120_000);

it('copies the id and the address of the preview, or shows them where no page may copy', async () => {
  const sbx = await Sandbox.create({ ...connection, name: 'shop' });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = () => page.evaluate('navigator.clipboard.readText()');
  await press(page, 'Copy the id');
  await page.getByRole('status').getByText('Copied the id').waitFor();
  expect(await copied()).toBe(sbx.id);
  await press(page, 'Copy the address of the preview');
  await page.getByText('Copied the address of the preview').waitFor();
  expect(await copied()).toBe(sbx.preview(3000).url);
  await page.evaluate(
    "Object.defineProperty(navigator, 'clipboard', { value: undefined })",
  );
  await press(page, 'Copy the id');
  await page.getByRole('status').getByText(`By hand: ${sbx.id}`).waitFor();
  expect(await barriers(page)).toEqual([]);
}, 120_000);

it('divides its panes by pointer and by keyboard, and keeps how', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.services.put('web', {
    command: 'exec python3 -m http.server 3000 --bind 0.0.0.0',
    port: 3000,
  });
  const page = await browser.open(`/sandboxes/${sbx.id}`);
  const handle = page.getByRole('separator', { name: 'Width of the preview' });
  const now = async () => Number(await handle.getAttribute('aria-valuenow'));
  const untilIt = (what: string, holds: (value: number) => boolean) =>
    until(what, 5_000, async () => holds(await now()));
  await page
    .frameLocator('iframe')
    .getByRole('heading', { name: /Directory listing/ })
    .waitFor();
  const first = await now();
  await handle.focus();
  await page.keyboard.press('ArrowLeft');
  await untilIt('less by keyboard', (value) => value < first);
  const second = await now();
  expect(await barriers(page)).toEqual([]);

  const box = await handle.boundingBox();
  if (box === null) throw new Error('the handle is not seen');
  await page.mouse.move(box.x + box.width / 2, box.y + 300);
  await page.mouse.down();
  // Over the frame, which would swallow what is done there.
  await page.mouse.move(box.x + 160, box.y + 320, { steps: 10 });
  await page.mouse.up();
  await untilIt('more by pointer', (value) => value > second + 5);
  const third = await now();
  await browser.picture(page, 'divided');
  await page.reload();
  await handle.waitFor();
  await untilIt('as before', (value) => Math.abs(value - third) < 1);

  await tab(page, 'Files');
  await press(page, 'New file');
  await page.getByLabel('Path').fill('a.txt');
  await press(page, 'OK');
  await write(page, 'a.txt', 'not saved');
  await page.setViewportSize({ width: 500, height: 800 });
  await handle.waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'Preview' }).waitFor();
  await page.getByLabel('Text of a.txt').getByText('not saved').waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await untilIt('as before', (value) => Math.abs(value - third) < 1);
  await page.getByLabel('Text of a.txt').getByText('not saved').waitFor();
}, 240_000);

it.each([
  [390, 844],
  [320, 568],
])(
  'shows all its tabs on a phone of %d by %d',
  async (width, height) => {
    const sbx = await Sandbox.create(connection);
    const look = { width, height };
    const page = await browser.open(`/sandboxes/${sbx.id}`, undefined, look);
    for (const name of ['Agent', 'Files', 'Terminal', 'Services', 'Preview']) {
      const box = await page.getByRole('tab', { name }).boundingBox();
      if (box === null) throw new Error(`${name} is not seen`);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(height);
    }
    expect(await overhang(page)).toBe(0);
  },
  120_000,
);

it('fits on a phone, light and dark', async () => {
  const sbx = await Sandbox.create(connection);
  await sbx.files.write('README.md', '# Hello\n\nA **page**.\n');
  for (const colorScheme of ['light', 'dark'] as const) {
    const look = { colorScheme, width: 360 };
    const page = await browser.open(`/sandboxes/${sbx.id}`, undefined, look);
    for (const name of ['Agent', 'Files', 'Terminal', 'Services', 'Preview']) {
      await tab(page, name);
      if (name === 'Files') {
        await press(page, 'README.md');
        await page.getByLabel('Text of README.md').waitFor();
      }
      if (name === 'Terminal') await page.getByText('Connected.').waitFor();
      expect([name, await overhang(page)]).toEqual([name, 0]);
      expect(await barriers(page)).toEqual([]);
      await browser.picture(page, `phone-${colorScheme}-${name}`);
    }
    await browser.closePages();
  }
  const page = await browser.open(`/sandboxes/${sbx.id}`, undefined, {
    colorScheme: 'dark',
  });
  await tab(page, 'Files');
  await press(page, 'README.md');
  await page.getByLabel('Text of README.md').waitFor();
  expect(await barriers(page)).toEqual([]);
  await browser.picture(page, 'dark');
}, 300_000);

it('says that a sandbox is not there', async () => {
  const page = await browser.open('/sandboxes/01ARZ3NDEKTSV4RRFFQ69G5FAV');
  await page.getByText('There is no sandbox').waitFor();
});
