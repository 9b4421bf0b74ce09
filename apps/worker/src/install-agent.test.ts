import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installAgent } from './install-agent.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'install-agent-'));
  write('agent.cjs', 'agent');
  write('pty.node', 'addon');
  write('node', '#!/bin/false');
  write('templates/static/index.html', '<h1>');
  write('templates/static/.gitignore', 'x');
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  const file = path.join(root, 'source', name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode: 0o600 });
}

const installed = (rules = 'rules', onNoSnapshot = (): void => undefined) =>
  installAgent(
    path.join(root, 'source'),
    path.join(root, 'data'),
    { 'instructions.md': rules },
    onNoSnapshot,
  );
const install = async (rules?: string): Promise<string> =>
  (await installed(rules)).directory;

/** A real Node, and a program that says so when it begins. */
const withNode = (program: string): void => {
  const node = path.join(root, 'source/node');
  fs.rmSync(node);
  fs.symlinkSync(process.execPath, node);
  write('agent.cjs', program);
};

describe('the installed agent', () => {
  it('brings its templates along, readable for every tenant', async () => {
    const target = await install();
    const file = path.join(target, 'templates/static/index.html');
    expect(fs.readFileSync(file, 'utf8')).toBe('<h1>');
    expect(fs.statSync(file).mode & 0o777).toBe(0o644);
    expect(fs.statSync(path.dirname(file)).mode & 0o555).toBe(0o555);
    expect(
      fs.existsSync(path.join(target, 'templates/static/.gitignore')),
    ).toBe(true);
    expect(fs.statSync(path.join(target, 'agent.cjs')).mode & 0o777).toBe(
      0o755,
    );
  });

  it('holds the given texts, such as the rules for coding agents, and is another one when they change', async () => {
    const target = await install();
    const file = path.join(target, 'instructions.md');
    expect(fs.readFileSync(file, 'utf8')).toBe('rules');
    expect(fs.statSync(file).mode & 0o777).toBe(0o644);
    expect(await install('other rules')).not.toBe(target);
  });

  it('stays where it is while nothing changes, and two workers agree on it', async () => {
    const [first, second] = await Promise.all([install(), install()]);
    expect(second).toBe(first);
    expect(await install()).toBe(first);
    expect(fs.readdirSync(path.dirname(first))).toEqual([path.basename(first)]);
  });

  it('begins with a snapshot that its own Node made, of nothing but the program', async () => {
    withNode(
      `const { startupSnapshot } = require('node:v8');
      const seen = Object.keys(process.env).length;
      startupSnapshot.setDeserializeMainFunction(() => console.log(seen));`,
    );
    const { directory, command } = await installed();
    expect(command).toEqual([
      '/opt/sandboxed/node',
      '--no-rehash-snapshot',
      '--v8-pool-size=1',
      '--snapshot-blob',
      '/opt/sandboxed/agent.blob',
    ]);
    const [program = '', ...args] = command.map((part) =>
      part.replace('/opt/sandboxed', directory),
    );
    // No environment: a runner that asks for colours gets them.
    expect(execFileSync(program, args, { encoding: 'utf8', env: {} })).toBe(
      '0\n',
    );
    const blob = fs.statSync(path.join(directory, 'agent.blob'));
    expect(blob.mode & 0o777).toBe(0o644);
    expect(fs.existsSync(path.join(directory, 'snapshot.json'))).toBe(false);
  });

  it.each([
    ['cannot be made', 'throw new Error("not in a snapshot")'],
    [
      'does not run',
      `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => process.exit(3));`,
    ],
  ])('is started without one that %s, and says so', async (_, program) => {
    const told: string[] = [];
    withNode(program);
    for (const worker of ['first', 'second']) {
      const { command, directory } = await installed('rules', () =>
        told.push(worker),
      );
      expect(command).toEqual([
        '/opt/sandboxed/node',
        '/opt/sandboxed/agent.cjs',
      ]);
      expect(fs.existsSync(path.join(directory, 'agent.blob'))).toBe(false);
    }
    expect(told).toEqual(['first', 'second']);
  });

  it('begins the same way for each worker, also for one that could not try it', async () => {
    withNode(
      `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => undefined);`,
    );
    const { command, directory } = await installed();
    expect(command).toContain('--snapshot-blob');
    // What a worker that is short of processes or time sees of it.
    fs.rmSync(path.join(directory, 'node'));
    expect((await installed()).command).toEqual(command);
  });

  it('begins with its snapshot whatever an image asks of its own Node', async () => {
    withNode(
      `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => console.log(process.env.NODE_OPTIONS));`,
    );
    const { directory } = await installed();
    const options = '--max-old-space-size=100 --enable-source-maps';
    const said = execFileSync(
      path.join(directory, 'node'),
      ['--snapshot-blob', path.join(directory, 'agent.blob')],
      { encoding: 'utf8', env: { NODE_OPTIONS: options } },
    );
    expect(said).toBe(`${options}\n`);
  });

  it('is another one when the native part of terminals changes', async () => {
    const target = await install();
    expect(fs.readFileSync(path.join(target, 'pty.node'), 'utf8')).toBe(
      'addon',
    );
    write('pty.node', 'newer');
    expect(await install()).not.toBe(target);
  });

  it('is another one when a template was changed, added or renamed', async () => {
    const seen = new Set([await install()]);
    write('templates/static/index.html', '<h2>');
    seen.add(await install());
    write('templates/next/page.tsx', '');
    seen.add(await install());
    fs.renameSync(
      path.join(root, 'source/templates/next'),
      path.join(root, 'source/templates/nuxt'),
    );
    seen.add(await install());
    expect(seen.size).toBe(4);
  });
});
