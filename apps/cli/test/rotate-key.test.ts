import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sql } from '../../../libs/store/test/sql.ts';
import { place } from './support.ts';

let here: ReturnType<typeof place>;
beforeEach(() => {
  here = place();
});
afterEach(() => {
  here.clean();
});

const at = (...names: string[]) => join(here.root, ...names);

/** Runs the command as the image does. */
function rotateKey() {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', join(__dirname, '../src/main.ts'), 'rotate-key'],
    {
      env: { PATH: process.env['PATH'], SANDBOXED_DATA_DIR: at('data') },
      encoding: 'utf8',
    },
  );
  return { status, stderr };
}

it('changes the key of an installation that goes on, and says so', () => {
  const store = here.open('data');
  const id = here.sandbox(store, 'data', 'running');
  const before = readFileSync(at('data', 'secret.key'));
  const { status, stderr } = rotateKey();
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(
      /encrypted with the new key [0-9a-f]{8}, and the old one is gone/,
    ),
  ]);
  expect(readFileSync(at('data', 'secret.key'))).not.toEqual(before);
  expect(statSync(at('data', 'secret.key')).mode & 0o777).toBe(0o600);
  expect(store.sandboxes.env(id)).toEqual({ TOKEN: 'kept' });
  // No key is told, in whatever form.
  expect(stderr).not.toMatch(/[0-9A-Za-z+/]{30}/);
});

it('brings a backup back that was made between two changes', async () => {
  const id = here.sandbox(here.open('data'), 'data', 'stopped');
  rotateKey();
  await here.backUp('data', 'monday');
  rotateKey();
  await here.restore('monday', 'new');
  expect(here.open('new').sandboxes.env(id)).toEqual({ TOKEN: 'kept' });
});

it('says which sandbox it cannot read, and ends with 2', () => {
  const store = here.open('data');
  const id = here.sandbox(store, 'data', 'stopped');
  sql(
    at('data', 'db', 'sandboxed.sqlite'),
    "UPDATE sandboxes SET env_sealed = x'00'",
  );
  const { status, stderr } = rotateKey();
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining(`no key opens the environment of sandbox ${id}`),
  ]);
});

it('says what to do about a key file that is missing, open to others or damaged', () => {
  here.sandbox(here.open('data'), 'data', 'stopped');
  const file = at('data', 'secret.key');
  chmodSync(file, 0o644);
  expect(rotateKey()).toMatchObject({
    status: 78,
    stderr: expect.stringContaining(`chmod 600 ${file}`),
  });
  chmodSync(file, 0o600);
  writeFileSync(file, 'x');
  expect(rotateKey()).toMatchObject({
    status: 78,
    stderr: expect.stringMatching(/damaged.*backup/),
  });
  rmSync(file);
  expect(rotateKey()).toMatchObject({
    status: 78,
    stderr: expect.stringMatching(/is not there.*backup/),
  });
});

it('makes no backup that could not be read', async () => {
  here.sandbox(here.open('data'), 'data', 'stopped');
  const file = at('data', 'secret.key');
  const old = readFileSync(file);
  rotateKey();
  writeFileSync(file, old);
  await expect(here.backUp('data', 'monday')).rejects.toThrow(
    /does not hold the key [0-9a-f]{8}/,
  );
});
