import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  docker,
  exec,
  ok,
  preview,
  sandboxes,
  service,
  WEB_SERVICE,
} from '../src/stack.ts';

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');

const fleet = sandboxes();
let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sandboxed-upgrade-'));
});
afterEach(async () => {
  rmSync(place, { recursive: true, force: true });
  await fleet.clean();
}, 120_000);

/** This repository as a version of its own, changed by `change`. */
async function version(change: (file: (path: string) => string) => void) {
  const { stdout } = await run('git', ['ls-files'], { cwd: ROOT });
  const directory = join(place, 'version');
  for (const path of [...stdout.trim().split('\n'), '.env'])
    if (existsSync(join(ROOT, path)))
      cpSync(join(ROOT, path), join(directory, path));
  change((path) => join(directory, path));
  return directory;
}

function edit(path: string, from: string, to: string): void {
  const before = readFileSync(path, 'utf8');
  if (!before.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, before.replace(from, to));
}

/** What a program that failed leaves behind; the error itself may be of another realm. */
const failedSchema = z.looseObject({ code: z.number(), stderr: z.string() });

/** Runs the upgrade of a version. Answers its exit code and what it said. */
async function upgrade(directory: string) {
  const backup = join(place, 'backup');
  const child = await run(
    join(directory, 'upgrade.sh'),
    ['--no-smoke', '--backup', backup],
    { env: { ...process.env, SANDBOXED_PULL: '0' }, maxBuffer: 16_777_216 },
  ).then(
    ({ stderr }) => ({ code: 0, said: stderr }),
    (error: unknown) => {
      const { code, stderr } = failedSchema.parse(error);
      return { code, said: stderr };
    },
  );
  return { ...child, backup };
}

/** A sandbox that sleeps with a file and a web server. */
async function asleep() {
  const sandbox = await fleet.create();
  await ok(
    'PUT',
    `/v1/sandboxes/${sandbox.id}/services/web?wait=30`,
    WEB_SERVICE,
  );
  await exec(sandbox.id, 'echo kept > note');
  await ok('POST', `/v1/sandboxes/${sandbox.id}/stop?wait=60`, { force: true });
  return sandbox;
}

async function image(): Promise<string> {
  const [worker = ''] = await service('worker');
  return docker('inspect', '--format', '{{.Image}}', worker);
}

const MIGRATIONS = 'libs/store/src/migrate.ts';
const WORKER = 'apps/worker/src/main.ts';
/** The end of the list of migrations. */
const LAST = '];\n\n/** The newest schema';
/** Of what a worker does at its start. */
const FIRST = '  const { open, isolated } = networkNames(';
const BACK = 'the version that ran before runs again';

it('brings a new version up, with a backup of before', async () => {
  const { preview_urls } = await asleep();
  const old = await image();
  const { code, said, backup } = await upgrade(
    await version((file) => {
      // One that was never built, however often this test runs.
      edit(file(WORKER), "'worker is up'", `'worker ${randomUUID()} is up'`);
    }),
  );
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(await image()).not.toBe(old);
  expect(
    await docker(
      'inspect',
      '--format',
      '{{.Id}}',
      'sandboxed/control-plane:previous',
    ),
  ).toBe(old);
  expect(existsSync(join(backup, 'data/manifest.json'))).toBe(true);
  expect((await preview(preview_urls['3000'] ?? '')).text).toContain(
    'note=kept',
  );
}, 240_000);

it.each<[string, (file: (path: string) => string) => void, boolean]>([
  [
    'whose workers exit at start',
    (file) => {
      edit(
        file(WORKER),
        FIRST,
        `  throw new Error('this version is broken');\n${FIRST}`,
      );
    },
    false,
  ],
  [
    'whose workers exit after a change of the schema',
    (file) => {
      edit(
        file(MIGRATIONS),
        LAST,
        `  ${JSON.stringify('CREATE TABLE new_one (id TEXT) STRICT')},\n${LAST}`,
      );
      edit(
        file(WORKER),
        FIRST,
        `  throw new Error('this version is broken');\n${FIRST}`,
      );
    },
    true,
  ],
  [
    'whose migration throws',
    (file) => {
      edit(
        file(MIGRATIONS),
        LAST,
        `  ${JSON.stringify('CREATE TABLE oops (')},\n${LAST}`,
      );
    },
    true,
  ],
])(
  'takes a version back %s',
  async (_name, change, putBack) => {
    const { preview_urls } = await asleep();
    const old = await image();
    const { code, said, backup } = await upgrade(await version(change));
    expect({ code, said }).toMatchObject({ code: 1 });
    expect(said).toContain(BACK);
    expect(said).toContain(backup);
    expect(await image()).toBe(old);
    expect(existsSync(join(backup, 'failed-database'))).toBe(putBack);
    expect((await preview(preview_urls['3000'] ?? '')).text).toContain(
      'note=kept',
    );
  },
  240_000,
);
