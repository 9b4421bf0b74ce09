import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceDir } from '@sandboxed/domain';
import { cleanUp, runningSandbox, submit, world } from './support.ts';

afterEach(cleanUp);

it('sweeps what failed purges left behind, and leaves a purge under way alone', async () => {
  const place = world();
  const { dataDir, store } = place;
  const id = runningSandbox(place);
  const [failed, running] = [
    submit(place, id, 'purge', {}),
    submit(place, id, 'purge', {}),
  ];
  store.jobs.requestCancel(failed, { actor: 'test', now: Date.now() });
  const trash = (job: string): string => join(dataDir, 'trash', `${id}-${job}`);
  const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  for (const job of [failed, running, unknown]) {
    mkdirSync(join(trash(job), 'deep'), { recursive: true });
    writeFileSync(join(trash(job), 'deep/file'), 'x');
  }
  mkdirSync(join(dataDir, 'precious'));
  symlinkSync(join(dataDir, 'precious'), join(trash(failed), 'link'));
  writeFileSync(join(dataDir, 'trash', 'note.txt'), 'not ours');

  await place.deps.workspaces.sweep(
    (job) => store.jobs.get(job)?.finished_at === null,
  );

  expect(existsSync(trash(failed))).toBe(false);
  expect(existsSync(trash(unknown))).toBe(false);
  expect(existsSync(trash(running))).toBe(true);
  expect(existsSync(join(dataDir, 'precious'))).toBe(true);
  expect(existsSync(join(dataDir, 'trash', 'note.txt'))).toBe(true);
});

it('has nothing to sweep where nothing was ever purged', async () => {
  await expect(world().deps.workspaces.sweep(() => false)).resolves.toEqual([]);
});

it('removes what lies deeper than a path can name, and answers its bytes', async () => {
  const place = world();
  const id = runningSandbox(place);
  const home = workspaceDir(place.dataDir, id);
  mkdirSync(home, { recursive: true });
  const script =
    'import os,sys\nos.chdir(sys.argv[1])\nfor i in range(2000):\n os.mkdir("directory"); os.chdir("directory")';
  execFileSync('python3', ['-c', script, home]);
  const job = submit(place, id, 'purge', {});
  const bytes = await place.deps.workspaces.remove(id, job);
  expect(bytes).toBeGreaterThanOrEqual(2_000 * 4_096);
  expect(existsSync(home)).toBe(false);
  expect(existsSync(join(place.dataDir, 'trash', `${id}-${job}`))).toBe(false);
});
