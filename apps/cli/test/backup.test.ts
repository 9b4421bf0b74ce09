import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { workspaceDir } from '@sandboxed/domain';
import { SCHEMA_VERSION } from '@sandboxed/store';
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

describe('a backup', () => {
  it('says what it holds, and which sandboxes ran', async () => {
    const store = here.open('data');
    const stopped = here.sandbox(store, 'data', 'stopped');
    const running = here.sandbox(store, 'data', 'running');
    const deleted = here.sandbox(store, 'data', 'deleted');
    const bare = here.sandbox(store, 'data', 'creating');
    rmSync(workspaceDir(at('data'), bare), { recursive: true });
    here.exec(store, running);
    await here.backUp('data', 'monday');

    const manifest = await readManifest(at('monday'));
    expect(manifest).toMatchObject({
      version: '1.2.3',
      schema_version: SCHEMA_VERSION,
      created_at: '2026-11-24T02:00:00.000Z',
      counts: { sandboxes: 3, jobs: 1 },
      workspaces: [
        { id: stopped, state: 'stopped', may_have_changed: false },
        { id: running, state: 'running', may_have_changed: true },
        { id: deleted, state: 'deleted', may_have_changed: false },
      ],
    });
    expect(manifest.database.sha256).toBe(
      hash('sha256', readFileSync(at('monday', 'sandboxed.sqlite'))),
    );
    expect(readdirSync(at('monday')).sort()).toEqual([
      'manifest.json',
      'sandboxed.sqlite',
      'secret.key',
      'workspaces',
    ]);
  });

  it('can be read by its owner alone, and holds the key', async () => {
    here.open('data');
    await here.backUp('data', 'monday');
    expect(statSync(at('monday')).mode & 0o777).toBe(0o700);
    for (const name of ['sandboxed.sqlite', 'secret.key', 'manifest.json'])
      expect(statSync(at('monday', name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(at('monday', 'secret.key'))).toEqual(
      readFileSync(at('data', 'secret.key')),
    );
  });

  it('notes a sandbox that woke while it was being made', async () => {
    const store = here.open('data');
    const woken = here.sandbox(store, 'data', 'stopped');
    const { workspaces } = await here.backUp('data', 'monday', {
      say: (line) => {
        if (line.startsWith('Workspace'))
          store.sandboxes.transition(woken, 'start', {
            actor: 'wake',
            reason: 'test',
            now: 2_000,
          });
      },
    });
    expect(workspaces).toMatchObject([
      { id: woken, state: 'stopped', may_have_changed: true },
    ]);
  });

  it('leaves out a workspace that is purged meanwhile', async () => {
    const store = here.open('data');
    here.sandbox(store, 'data', 'stopped');
    const purged = here.sandbox(store, 'data', 'stopped');
    const { workspaces } = await here.backUp('data', 'monday', {
      say: (line) => {
        if (line.startsWith('Database'))
          rmSync(workspaceDir(at('data'), purged), { recursive: true });
      },
    });
    expect(workspaces).toHaveLength(1);
  });

  it('follows no link, wherever it leads', async () => {
    const store = here.open('data');
    const id = here.sandbox(store, 'data', 'stopped');
    const workspace = workspaceDir(at('data'), id);
    symlinkSync(at('data', 'secret.key'), join(workspace, 'key'));
    symlinkSync('/etc', join(workspace, 'etc'));
    await here.backUp('data', 'monday');
    const list = execFileSync(
      'tar',
      [
        '--list',
        '--verbose',
        '--file',
        at('monday', 'workspaces', `${id}.tar`),
      ],
      { encoding: 'utf8' },
    );
    expect(list.trim().split('\n')).toHaveLength(3);
    expect(list).toMatch(/^l.* \.\/etc -> \/etc$/m);
  });

  it('refuses a workspace that is a link itself', async () => {
    const store = here.open('data');
    const id = here.sandbox(store, 'data', 'stopped');
    rmSync(workspaceDir(at('data'), id), { recursive: true });
    symlinkSync('/etc', workspaceDir(at('data'), id));
    await expect(here.backUp('data', 'monday')).rejects.toThrow(
      /is not a directory/,
    );
  });
});

describe('a backup that cannot be made', () => {
  it('leaves nothing behind when it is interrupted', async () => {
    const store = here.open('data');
    here.sandbox(store, 'data', 'stopped');
    const interruption = new AbortController();
    await expect(
      here.backUp('data', 'monday', {
        signal: interruption.signal,
        say: () => {
          interruption.abort();
        },
      }),
    ).rejects.toThrow();
    expect(readdirSync(here.root)).toEqual(['data']);
  });

  it('replaces nothing that is there', async () => {
    here.open('data');
    mkdirSync(at('monday'));
    await expect(here.backUp('data', 'monday')).rejects.toMatchObject({
      message: expect.stringMatching(/monday is there already/),
      exitCode: 73,
    });
  });

  it('does not make the directory of a disk that is not mounted', async () => {
    here.open('data');
    await expect(here.backUp('data', 'usb/monday')).rejects.toThrow(
      /usb is not there/,
    );
  });

  it('is not put into what it is a backup of', async () => {
    here.open('data');
    await expect(here.backUp('data', 'data/monday')).rejects.toThrow(
      /in the data directory/,
    );
  });

  it('does not mix with another that is being written', async () => {
    here.open('data');
    mkdirSync(at('monday.partial'));
    writeFileSync(at('monday.partial', 'other'), 'x');
    await expect(here.backUp('data', 'monday')).rejects.toThrow(/partial/);
    expect(lstatSync(at('monday.partial', 'other')).size).toBe(1);
  });

  it('says where no installation is', async () => {
    mkdirSync(at('data'));
    await expect(here.backUp('data', 'monday')).rejects.toThrow(
      /nothing to back up/,
    );
  });
});
