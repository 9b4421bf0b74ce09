import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
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
const PATH = process.env['PATH'] ?? '';
const MAIN = ['--no-warnings', join(__dirname, '../src/main.ts')];

/** Runs the command as the image does, in the directory of the test. */
function sandboxed(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...MAIN, ...args],
    {
      cwd: here.root,
      env: { PATH, SANDBOXED_DATA_DIR: at('data'), ...env },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

/** A tar in `bin` that does what tar does, and then `end` where its arguments name `word`. */
function tarThat(word: string, end: string): { readonly PATH: string } {
  mkdirSync(at('bin'));
  writeFileSync(
    at('bin/tar'),
    `#!/bin/sh\nPATH='${PATH}' tar "$@"\ncase "$*" in *${word}*) ${end} ;; esac\n`,
    { mode: 0o755 },
  );
  return { PATH: `${at('bin')}:${PATH}` };
}

it('says where the backup is, and brings it back', () => {
  here.sandbox(here.open('data'), 'data', 'running');
  const made = sandboxed(['backup', 'monday']);
  expect(made).toMatchObject({ status: 0, stdout: `${at('monday')}\n` });
  expect(made.stderr).toMatch(/1 of the workspaces were in use/);
  const restored = sandboxed(['restore', 'monday'], {
    SANDBOXED_DATA_DIR: at('new'),
  });
  expect(restored.stderr).toMatch(/1 were at work then and are stopped now/);
  expect(restored.status).toBe(0);
});

it('ends with a code for each reason and says what to do', () => {
  here.open('data');
  mkdirSync(at('taken'));
  for (const [args, env, code, words] of [
    [['bakcup'], {}, 64, /no command 'bakcup'[^]*Usage/],
    [['restore', 'taken'], {}, 65, /not a backup[^]*What to do: /],
    [['backup', 'taken'], {}, 73, /is there already[^]*What to do: /],
    [['backup', 'x'], { SANDBOXED_DATA_DIR: 'data' }, 78, /SANDBOXED_DATA_DIR/],
  ] as const) {
    const { status, stderr } = sandboxed(args, env);
    expect([status, stderr]).toEqual([code, expect.stringMatching(words)]);
  }
  expect(sandboxed(['--help'])).toMatchObject({ status: 0, stderr: '' });
});

it.each([
  ['complains', 'echo "tar: ./d: Cannot open" >&2; exit 2', /Cannot open/],
  ['crashes', 'kill -SEGV $$', /crashed/],
])(
  'marks a workspace of which tar %s, copies the others and ends with 2',
  async (_how, end, words) => {
    const store = here.open('data');
    const bad = here.sandbox(store, 'data', 'stopped');
    here.sandbox(store, 'data', 'stopped');
    const made = sandboxed(['backup', 'monday'], tarThat(bad, end));
    expect([made.status, made.stderr]).toEqual([
      2,
      expect.stringContaining(`files of ${bad} are missing`),
    ]);
    const { workspaces } = await readManifest(at('monday'));
    expect(workspaces).toMatchObject([
      { id: bad, problem: expect.stringMatching(words) },
      { problem: null },
    ]);
    expect((await here.restore('monday', 'new')).incomplete).toEqual([bad]);
  },
);

it('leaves nothing behind when it is told to end', async () => {
  const id = here.sandbox(here.open('data'), 'data', 'stopped');
  // A tar that hangs must not keep it from ending.
  const env = tarThat(id, `touch '${at('hangs')}'; exec sleep 60`);
  const child = spawn(process.execPath, [...MAIN, 'backup', at('monday')], {
    env: { ...env, SANDBOXED_DATA_DIR: at('data') },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const deadline = Date.now() + 20_000;
  while (!existsSync(at('hangs')) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGTERM');
  expect(await exited).toEqual([130, null]);
  rmSync(at('bin'), { recursive: true });
  rmSync(at('hangs'));
  expect(readdirSync(here.root)).toEqual(['data']);
});
