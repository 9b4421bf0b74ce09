import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exec, ok, sandboxes } from '../src/stack.ts';

const run = promisify(execFile);
const SANDBOXED = join(__dirname, '../../sandboxed');

const fleet = sandboxes();
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sandboxed-e2e-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  await fleet.clean();
}, 120_000);

it('copies a running installation: stopped sandboxes exactly, running ones marked', async () => {
  const stopped = await fleet.create();
  await exec(
    stopped.id,
    'echo kept > file; chmod 600 file; ln -s /etc/passwd link',
  );
  await ok('POST', `/v1/sandboxes/${stopped.id}/stop?wait=60`);
  const running = await fleet.create();
  const backup = join(root, 'monday');
  const { stdout } = await run(SANDBOXED, ['backup', backup]);
  expect(stdout).toBe(`${backup}\n`);

  const manifest: unknown = JSON.parse(
    await readFile(join(backup, 'manifest.json'), 'utf8'),
  );
  expect(manifest).toMatchObject({
    format: 1,
    workspaces: expect.arrayContaining([
      expect.objectContaining({
        id: stopped.id,
        state: 'stopped',
        may_have_changed: false,
      }),
      expect.objectContaining({
        id: running.id,
        state: 'running',
        may_have_changed: true,
      }),
    ]),
  });
  expect((await stat(join(backup, 'secret.key'))).mode & 0o777).toBe(0o600);
  const archive = join(backup, 'workspaces', `${stopped.id}.tar`);
  const list = await run('tar', ['--list', '--verbose', '--file', archive]);
  expect(list.stdout).toMatch(/^-rw-------.* \.\/workspace\/app\/file$/m);
  expect(list.stdout).toMatch(/ \.\/workspace\/app\/link -> \/etc\/passwd$/m);
  const file = await run('tar', [
    '--extract',
    '--to-stdout',
    '--file',
    archive,
    './workspace/app/file',
  ]);
  expect(file.stdout).toBe('kept\n');

  // The stack goes on, and a backup is not replaced.
  expect((await exec(running.id, 'echo on')).stdout).toBe('on\n');
  await expect(run(SANDBOXED, ['backup', backup])).rejects.toMatchObject({
    code: 73,
    stderr: expect.stringContaining('is there already'),
  });
  expect(await readdir(root)).toEqual(['monday']);
}, 180_000);

it('restores over nothing that is there', async () => {
  await expect(run(SANDBOXED, ['restore', root])).rejects.toMatchObject({
    stderr: expect.stringMatching(/holds an installation/),
  });
}, 60_000);
