import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installAgent } from './install-agent.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'install-agent-'));
  write('agent.mjs', 'agent');
  write('pty.node', 'addon');
  write('node', 'node');
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

const install = (rules = 'rules'): Promise<string> =>
  installAgent(path.join(root, 'source'), path.join(root, 'data'), {
    'instructions.md': rules,
  });

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
    expect(fs.statSync(path.join(target, 'agent.mjs')).mode & 0o777).toBe(
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
