import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installOnce } from './install-once.ts';

let app: string;
beforeEach(() => {
  app = fs.mkdtempSync(path.join(os.tmpdir(), 'install-once-'));
  fs.writeFileSync(path.join(app, 'wish'), 'a');
  fs.writeFileSync(path.join(app, 'lock'), 'a');
});
afterEach(() => {
  fs.rmSync(app, { recursive: true, force: true });
});

/** Installs with `command`, then serves; answers how that ended and how often it has installed so far. */
async function start(command = 'true'): Promise<string> {
  const script = installOnce({
    folder: 'modules',
    wishes: ['wish', 'absent'],
    locks: ['lock'],
    command: `echo >> installs; ${command}`,
  });
  const child = spawn('/bin/sh', ['-c', `${script}\nexit 42`], {
    cwd: app,
    stdio: 'ignore',
    detached: true,
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const end = code === 42 ? 'served' : `exit ${String(code)}`;
  const installs = fs.readFileSync(path.join(app, 'installs'), 'utf8');
  return `${end}, ${String(installs.split('\n').length - 1)}`;
}

describe('an installation', () => {
  it('is made once', async () => {
    expect(await start()).toBe('served, 1');
    expect(await start()).toBe('served, 1');
  });

  it('is made again when what it depends on has changed', async () => {
    await start();
    fs.writeFileSync(path.join(app, 'lock'), 'b');
    expect(await start()).toBe('served, 2');
    fs.writeFileSync(path.join(app, 'absent'), 'now here');
    expect(await start()).toBe('served, 3');
    expect(await start('true yes')).toBe('served, 4');
  });

  it('is made again when its folder is gone', async () => {
    await start();
    fs.rmSync(path.join(app, 'modules'), { recursive: true });
    expect(await start()).toBe('served, 2');
  });

  it('that failed ends the start with its exit code and is made again', async () => {
    const broken = '[ -e repaired ] || exit 7';
    expect(await start(broken)).toBe('exit 7, 1');
    fs.writeFileSync(path.join(app, 'repaired'), '');
    expect(await start(broken)).toBe('served, 2');
  });

  it('that was cut off after a change is made again even when the change is undone', async () => {
    const cut = '[ "$(cat lock)" = a ] || kill -9 0';
    await start(cut);
    fs.writeFileSync(path.join(app, 'lock'), 'b');
    await start(cut);
    fs.writeFileSync(path.join(app, 'lock'), 'a');
    expect(await start(cut)).toBe('served, 3');
  });

  it('counts with the lock file that it wrote', async () => {
    const writes = 'echo new > lock';
    await start(writes);
    expect(await start(writes)).toBe('served, 1');
  });

  it('that a new wish has overtaken is made again', async () => {
    const overtaken = 'echo b > wish';
    expect(await start(overtaken)).toBe('exit 1, 1');
    expect(await start(overtaken)).toBe('served, 2');
  });

  it('is made once for two that start together', async () => {
    const slow = 'sleep 0.2';
    await Promise.all([start(slow), start(slow)]);
    expect(await start(slow)).toBe('served, 1');
  });
});
