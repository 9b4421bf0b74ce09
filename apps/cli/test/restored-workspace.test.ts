import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { workspaceDir } from '@sandboxed/domain';
import { readManifest } from '../src/manifest.ts';
import { place } from './support.ts';

let here: ReturnType<typeof place>;
beforeEach(() => {
  here = place();
});
afterEach(() => {
  here.clean();
});

const at = (...names: string[]) => join(here.root, ...names);

/** Everything below a directory, one line a file, with what a restore has to keep. */
function listing(directory: string): string {
  return execFileSync(
    'find',
    ['.', '-printf', '%P %y %m %U:%G %n %s %l %T@\\n'],
    { cwd: directory, encoding: 'utf8' },
  )
    .split('\n')
    .sort()
    .join('\n');
}

/** A workspace with one of everything. */
function fill(workspace: string): void {
  mkdirSync(join(workspace, 'app/.git'), { recursive: true });
  writeFileSync(join(workspace, 'app/run.sh'), '#!/bin/sh\n');
  chmodSync(join(workspace, 'app/run.sh'), 0o755);
  writeFileSync(join(workspace, 'app/secret'), 'x', { mode: 0o400 });
  linkSync(join(workspace, 'app/run.sh'), join(workspace, 'app/same'));
  symlinkSync('/etc/passwd', join(workspace, 'absolute'));
  symlinkSync('../../..', join(workspace, 'app/up'));
  writeFileSync(join(workspace, '-n\n ü'), 'odd');
  writeFileSync(join(workspace, 'holes'), '');
  truncateSync(join(workspace, 'holes'), 50_000_000);
  mkdirSync(join(workspace, 'closed'), { mode: 0o555 });
  chmodSync(workspace, 0o750);
  if (process.getuid?.() === 0)
    execFileSync('chown', ['-hR', '1000:1000', workspace]);
  utimesSync(join(workspace, 'app'), 1_000, 1_000.5);
}

describe('a restored workspace', () => {
  it('has the same bytes, owners, modes, times, links and holes', async () => {
    const store = here.open('old');
    const id = here.sandbox(store, 'old', 'stopped');
    const before = workspaceDir(at('old'), id);
    fill(before);
    await here.backUp('old', 'monday');
    await here.restore('monday', 'new');

    const after = workspaceDir(at('new'), id);
    expect(listing(after)).toBe(listing(before));
    expect(readFileSync(join(after, '-n\n ü'), 'utf8')).toBe('odd');
    const inode = (name: string) => lstatSync(join(after, name)).ino;
    expect(inode('app/same')).toBe(inode('app/run.sh'));
    expect(lstatSync(join(after, 'holes')).blocks).toBeLessThan(100);
  });
});

describe('a workspace whose paths are too long to be made again', () => {
  it('loses those alone, and holds up no other', async () => {
    const store = here.open('old');
    const deep = here.sandbox(store, 'old', 'stopped');
    const other = here.sandbox(store, 'old', 'stopped');
    for (const id of [deep, other])
      writeFileSync(join(workspaceDir(at('old'), id), 'file'), 'kept');
    execFileSync(process.execPath, [
      '-e',
      `const { mkdirSync } = require('node:fs'); process.chdir(process.argv[1]);
       for (let n = 0; n < 2500; n += 1) { mkdirSync('d'); process.chdir('d'); }`,
      workspaceDir(at('old'), deep),
    ]);
    await here.backUp('old', 'monday');
    const { incomplete } = await here.restore('monday', 'new');
    expect(incomplete).toEqual([deep]);
    for (const id of [deep, other])
      expect(
        readFileSync(join(workspaceDir(at('new'), id), 'file'), 'utf8'),
      ).toBe('kept');
  });
});

describe('an archive that somebody tampered with', () => {
  it('writes nothing outside its workspace', async () => {
    const id = here.sandbox(here.open('old'), 'old', 'stopped');
    await here.backUp('old', 'monday');
    const evil = at('evil');
    const out = at('out');
    for (const directory of [evil, out]) mkdirSync(directory);
    const file = at('monday', 'workspaces', `${id}.tar`);
    const add = (how: string, ...more: string[]) =>
      execFileSync('tar', [how, '--file', file, '-C', evil, ...more]);
    symlinkSync(out, join(evil, 'd'));
    add('--create', 'd');
    rmSync(join(evil, 'd'));
    mkdirSync(join(evil, 'd'));
    for (const name of ['through', 'above'])
      writeFileSync(join(evil, 'd', name), 'x');
    add('--append', 'd/through');
    add(
      '--append',
      '--absolute-names',
      `--transform=s,^d,${'../'.repeat(3)}out,`,
      'd/above',
    );
    const name = at('monday', 'manifest.json');
    const manifest = await readManifest(at('monday'));
    const workspaces = manifest.workspaces.map((entry) => ({
      ...entry,
      bytes: lstatSync(file).size,
      sha256: hash('sha256', readFileSync(file)),
    }));
    writeFileSync(name, JSON.stringify({ ...manifest, workspaces }));
    expect(
      execFileSync('tar', ['-P', '--list', '--file', file], {
        encoding: 'utf8',
      }),
    ).toBe('d\nd/through\n../../../out/above\n');
    expect((await here.restore('monday', 'new')).incomplete).toEqual([id]);
    expect(readdirSync(out)).toEqual([]);
    expect(readdirSync(at('new')).sort()).toEqual([
      'db',
      'secret.key',
      'workspaces',
    ]);
  });
});
