import { sandboxed } from '@sandboxed/computesdk';
import { compute } from 'computesdk';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { preview } from '../src/stack.ts';

/** What a user of ComputeSDK has. */
type Computer = ReturnType<typeof compute>;
type Sandbox = Awaited<ReturnType<Computer['sandbox']['create']>>;

let stack: OwnStack;
let computer: Computer;
let sandbox: Sandbox;
beforeAll(async () => {
  stack = await startOwnStack();
  computer = compute({ provider: sandboxed({ baseUrl: stack.api }) });
}, 120_000);
beforeEach(async () => {
  sandbox = await computer.sandbox.create({
    ...{ name: 'one', metadata: { of: 'a-test' }, timeout: 600_000 },
    ...{ envs: { GREETING: 'hello' }, ports: [3000, 8080] },
  });
}, 60_000);
afterEach(() => sandbox.destroy(), 60_000);
afterAll(() => stack.close(), 60_000);

describe('a sandbox', () => {
  it('has an id, a provider and a state', async () => {
    expect(sandbox.provider).toBe('sandboxed');
    expect(await sandbox.getInfo()).toEqual({
      id: sandbox.sandboxId,
      ...{ provider: 'sandboxed', status: 'running', timeout: 600_000 },
      createdAt: expect.any(Date),
      metadata: { of: 'a-test' },
    });
  }, 60_000);

  it('is found by its id and in the list, until it is destroyed', async () => {
    const { sandboxId } = sandbox;
    const found = await computer.sandbox.getById(sandboxId);
    expect(found?.sandboxId).toBe(sandboxId);
    const ids = async () =>
      (await computer.sandbox.list()).map((each) => each.sandboxId);
    expect(await ids()).toContain(sandboxId);
    await computer.sandbox.destroy(sandboxId);
    expect(await computer.sandbox.getById(sandboxId)).toBeNull();
    expect(await ids()).not.toContain(sandboxId);
    // Once more is fine.
    await computer.sandbox.destroy(sandboxId);
  }, 60_000);

  it('has an address for each port, which shows what listens there', async () => {
    const url = await sandbox.getUrl({ port: 3000 });
    expect(url).toMatch(/^http:\/\/.+-3000\./);
    expect(await sandbox.getUrl({ port: 8080, protocol: 'wss' })).toMatch(
      /^wss:\/\/.+-8080\./,
    );
    await sandbox.filesystem.writeFile('index.html', 'served');
    await sandbox.runCommand('python3 -m http.server 3000 --bind 0.0.0.0', {
      background: true,
    });
    await sandbox.runCommand(
      'until curl -sf http://127.0.0.1:3000; do sleep 0.1; done',
      { timeout: 20_000 },
    );
    expect(await preview(url, { port: stack.edgePort })).toMatchObject({
      ...{ status: 200, text: 'served' },
    });
  }, 60_000);
});

describe('commands', () => {
  it.each([
    ['a line', 'echo "Hello from command"', 'Hello from command\n'],
    ['quotes', `sh -c 'echo "hello world"'`, 'hello world\n'],
    ['variables', `sh -c 'echo "$HOME $GREETING"'`, '/home/sandbox hello\n'],
    ['pipes', `printf 'b\\na\\n' > /tmp/q && sort < /tmp/q | head -1`, 'a\n'],
  ])('take %s', async (_, command, stdout) => {
    expect(await sandbox.runCommand(command)).toEqual({
      ...{ stdout, stderr: '', exitCode: 0 },
      durationMs: expect.any(Number),
    });
  });

  it('tell by their exit code that they failed', async () => {
    const { exitCode, stderr } = await sandbox.runCommand(
      'nonexistent-command-12345',
    );
    expect(exitCode).toBe(127);
    expect(stderr).toContain('not found');
  });

  it('take a directory, variables and a time limit', async () => {
    const { stdout } = await sandbox.runCommand('pwd; echo $A', {
      ...{ cwd: '/tmp', env: { A: 'b' } },
    });
    expect(stdout).toBe('/tmp\nb\n');
    const slow = await sandbox.runCommand('sleep 60', { timeout: 1_000 });
    expect(slow.exitCode).toBe(124);
  });

  it('come back at once from the background', async () => {
    const { exitCode, durationMs } = await sandbox.runCommand('sleep 60', {
      background: true,
    });
    expect(exitCode).toBe(0);
    expect(durationMs).toBeLessThan(30_000);
    const { stdout } = await sandbox.runCommand('pgrep -xc sleep');
    expect(stdout).toBe('1\n');
  });

  it('tell what they write while they run', async () => {
    const heard: string[] = [];
    const { stdout, stderr } = await sandbox.runCommand(
      'echo one; until [ -e go ]; do sleep 0.1; done; echo two; echo no >&2',
      {
        onStdout(text) {
          heard.push(text);
          if (text === 'one\n') void sandbox.filesystem.writeFile('go', 'on');
        },
        onStderr: (text) => heard.push(text),
      },
    );
    expect(heard.sort()).toEqual(['no\n', 'one\n', 'two\n']);
    expect({ stdout, stderr }).toEqual({
      stdout: 'one\ntwo\n',
      stderr: 'no\n',
    });
  });
});

describe.each([
  ['in the app directory', ''],
  ['in the app directory by its whole path', '/home/sandbox/workspace/app/'],
  ['elsewhere', '/tmp/'],
])('files %s', (_, base) => {
  const content = 'Hello, ComputeSDK! $HOME "grüße"\n';

  it('are written, read, found and removed', async () => {
    const { filesystem } = sandbox;
    const file = `${base}a dir/file.txt`;
    expect(await filesystem.exists(file)).toBe(false);
    await filesystem.writeFile(file, content);
    expect(await filesystem.exists(file)).toBe(true);
    expect(await filesystem.readFile(file)).toBe(content);
    await filesystem.remove(file);
    expect(await filesystem.exists(file)).toBe(false);
    await filesystem.remove(file);
    await expect(filesystem.readFile(file)).rejects.toThrow(/file/);
  });

  it('are listed with what they are', async () => {
    const { filesystem } = sandbox;
    await filesystem.mkdir(`${base}dir/below`);
    await filesystem.mkdir(`${base}dir/below`);
    await filesystem.writeFile(`${base}dir/file 1.txt`, content);
    const entries = await filesystem.readdir(`${base}dir`);
    expect(entries.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      expect.objectContaining({ name: 'below', type: 'directory' }),
      {
        ...{ name: 'file 1.txt', type: 'file' },
        size: Buffer.byteLength(content),
        modified: expect.any(Date),
      },
    ]);
    await filesystem.remove(`${base}dir`);
    expect(await filesystem.exists(`${base}dir/below`)).toBe(false);
  });
});
