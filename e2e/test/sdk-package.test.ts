import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { z } from 'zod';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');
const PACKAGE = join(ROOT, 'dist/sdk/index.js');

/** A life in few lines, by the package that is published and nothing else. */
const PROGRAM = `async ({ Sandbox }, baseUrl) => {
  const sbx = await Sandbox.create({ baseUrl });
  try {
    const text = [];
    await sbx.commands.run('echo $((6 * 7))', { onStdout: (piece) => text.push(piece) });
    await sbx.files.write('a.txt', 'written');
    return { said: text.join(''), file: await sbx.files.read('a.txt') };
  } finally {
    await sbx.purge();
  }
}`;
const LIFE = { said: '42\n', file: 'written' };

let stack: OwnStack;
let browser: Browser | undefined;
beforeAll(async () => {
  await run(process.execPath, [join(ROOT, 'scripts/build-sdk.mjs')]);
  stack = await startOwnStack();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await stack.close();
}, 60_000);

/** This one, and the one of the system, which may be older. */
const NODES = [process.execPath, '/usr/bin/node'].filter((path) =>
  existsSync(path),
);

it.each(NODES)(
  'runs under %s',
  async (node) => {
    const { stdout } = await run(node, [
      '--input-type=module',
      '--eval',
      `import * as sdk from ${JSON.stringify(PACKAGE)};
     console.log(JSON.stringify(await (${PROGRAM})(sdk, ${JSON.stringify(stack.api)})));`,
    ]);
    expect(JSON.parse(stdout)).toEqual(LIFE);
  },
  120_000,
);

it('runs in a browser', async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage();
  await page.goto(`${stack.api}/healthz`);
  const source = await readFile(PACKAGE, 'utf8');
  const life: unknown = await page.evaluate(
    `(async () => {
      const url = URL.createObjectURL(new Blob([${JSON.stringify(source)}], { type: 'text/javascript' }));
      return (${PROGRAM})(await import(url), location.origin);
    })()`,
  );
  expect(life).toEqual(LIFE);
}, 120_000);

it('holds what is needed to use it, and nothing of this repository', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
    cwd: join(ROOT, 'dist/sdk'),
  });
  const packed = z
    .array(z.object({ files: z.array(z.object({ path: z.string() })) }))
    .parse(JSON.parse(stdout));
  const names = packed.flatMap(({ files }) => files.map(({ path }) => path));
  const sources = globSync('**/*.ts', { cwd: join(ROOT, 'libs/sdk/src') });
  const types = sources
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => name.replace(/\.ts$/, '.d.ts'));
  expect(names.sort()).toEqual(
    ['LICENSE', 'README.md', 'index.js', 'package.json', ...types].sort(),
  );
});

describe('the page to browse the API', () => {
  it('shows every call and loads nothing from elsewhere', async () => {
    browser ??= await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${stack.api}/docs`);
    await page.getByText('Create a sandbox').first().waitFor();
    expect(await page.locator('.opblock').count()).toBeGreaterThan(70);
    await page.getByText('Create a sandbox').first().click();
    await page.getByRole('button', { name: 'Try it out' }).first().click();
    const elsewhere = asked.filter(
      (url) => !url.startsWith(stack.api) && !url.startsWith('data:'),
    );
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  }, 120_000);
});
