import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { CuttingProxy } from '../src/cutting-proxy.ts';
import { cuttingProxy } from '../src/cutting-proxy.ts';
import { modelEnv, startModel } from '../src/model.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

const execute = promisify(execFile);
const failedSchema = z.object({
  message: z.string(),
  stdout: z.string(),
  stderr: z.string(),
});
const ROOT = join(__dirname, '../..');
const MADE = join(ROOT, 'dist/python/package');
const TOOLS = join(ROOT, 'node_modules/.cache/python/bin');
const REQUIREMENTS = join(ROOT, 'libs/python/requirements.txt');

let stack: OwnStack;
let proxy: CuttingProxy;
let cutter: Server;
let stopModel: () => Promise<void>;
let scratch: string | undefined;

/** What a program says; throws with all that it said when it fails. */
async function said(
  program: string,
  args: readonly string[],
  cwd = MADE,
): Promise<string> {
  const { stdout } = await execute(program, [...args], {
    cwd,
    timeout: 300_000,
    maxBuffer: 16 * 1_048_576,
  }).catch((error: unknown) => {
    const { message, stdout: out, stderr } = failedSchema.parse(error);
    throw new Error([message, out, stderr].join('\n'));
  });
  return stdout;
}

beforeAll(async () => {
  await said('npm', ['run', '--silent', 'python'], ROOT);
  stopModel = await startModel();
  stack = await startOwnStack();
  proxy = await cuttingProxy(stack.api);
  cutter = createServer((_, response) => response.end(String(proxy.cut())));
  cutter.listen(0, '127.0.0.1');
  await once(cutter, 'listening');
}, 420_000);
afterEach(async () => {
  if (scratch !== undefined) await rm(scratch, { recursive: true });
  scratch = undefined;
});
afterAll(async () => {
  cutter.close();
  await proxy.close();
  await stack.close();
  await stopModel();
}, 60_000);

function cutUrl(): string {
  const address = cutter.address();
  if (address === null || typeof address === 'string')
    throw new Error('the cutter has no port');
  return `http://127.0.0.1:${address.port}`;
}

it('is tidy and fully typed, and so are the examples of its page', async () => {
  const readme = await readFile(join(MADE, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```python\n([^]*?)```/g)];
  expect(examples).toHaveLength(2);
  for (const [index, [, example = '']] of examples.entries())
    await writeFile(join(MADE, `tests/example_${index}.py`), example);
  await said(join(TOOLS, 'ruff'), ['check', '--no-cache', '.']);
  await said(join(TOOLS, 'ruff'), ['format', '--check', '--no-cache', '.']);
  await said(join(TOOLS, 'mypy'), ['--no-error-summary']);
}, 300_000);

it('tries again, and takes streams up, as it says', async () => {
  const out = await said(join(TOOLS, 'python'), [
    ...['-m', 'pytest', '-q', '--ignore', 'tests/live', 'tests'],
  ]);
  expect(out).toMatch(/^\d\d passed/m);
}, 120_000);

it('keeps every promise against an installation', async () => {
  const out = await said(join(TOOLS, 'python'), [
    ...['-m', 'pytest', '-q', 'tests/live'],
    ...['--api', proxy.url, '--cut', cutUrl()],
    ...['--model-env', JSON.stringify(modelEnv())],
  ]);
  expect(out).toMatch(/^2\d passed/m);
}, 300_000);

it('installs into an empty environment and works there', async () => {
  scratch = await mkdtemp(join(tmpdir(), 'sandboxed-python-'));
  const [wheel = ''] = globSync(join(ROOT, 'dist/python/*.whl'));
  await said('python3', ['-m', 'venv', scratch], ROOT);
  await said(join(scratch, 'bin/pip'), [
    ...['install', '--quiet', '--disable-pip-version-check', wheel],
    ...['--constraint', REQUIREMENTS],
  ]);
  const program = `
import asyncio
import sys
from sandboxed import AsyncSandbox, Connection, Sandbox
connection = Connection(sys.argv[1])
sbx = Sandbox.create(connection)

async def also_so():
    again = await AsyncSandbox.connect(connection, sbx.id)
    print(await again.files.read("a.txt"))
    await again.close()

try:
    text = []
    sbx.commands.run("echo $((6 * 7))", on_stdout=text.append)
    sbx.files.write("a.txt", "written")
    print("".join(text) + sbx.files.read("a.txt"))
    asyncio.run(also_so())
finally:
    sbx.purge()
`;
  const args = ['-I', '-W', 'error', '-c', program, stack.api];
  expect(await said(join(scratch, 'bin/python'), args, scratch)).toBe(
    '42\nwritten\nwritten\n',
  );
}, 240_000);
