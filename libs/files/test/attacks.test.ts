import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile as writeOnDisk,
} from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { DomainError } from '@sandboxed/domain';
import {
  appendFile,
  exportTree,
  importTree,
  listFiles,
  makeDirectory,
  moveFile,
  openFile,
  removeFile,
  Turns,
  writeFile,
} from '../src/index.ts';
import type { Home } from './home.ts';
import {
  cleanUp,
  collected,
  content,
  failure,
  makeHome,
  openHandles,
  path,
} from './home.ts';
import { errnoOf } from '../src/errors.ts';
import { tarOf } from './tar-of.ts';

const run = promisify(execFile);
const turns = new Turns();
const MAX = { maxBytes: 1_000_000, turns };
const bytes = [Buffer.from('intruder')];

let place: Home;
let handles: number;
const undo: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  place = await makeHome();
  await writeOnDisk(join(place.outside, 'secret'), 'the secret');
  handles = await openHandles();
});
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
  expect(await openHandles()).toBe(handles);
  expect(await readdir(place.outside)).toEqual(['secret']);
  expect(await readFile(join(place.outside, 'secret'), 'utf8')).toBe(
    'the secret',
  );
  await cleanUp();
});

/** Every call that takes a path, on one below `at`. */
function callsBelow(at: string): Record<string, () => Promise<unknown>> {
  const { home } = place;
  const secret = path(`${at}/secret`);
  return {
    list: () => listFiles(home, path(at), { recursive: true }),
    read: () => content(home, `${at}/secret`),
    write: () => writeFile(home, secret, bytes, MAX),
    append: () => appendFile(home, secret, Buffer.from('x'), MAX),
    remove: () => removeFile(home, secret, { recursive: true }),
    'move from': () => moveFile(home, secret, path('stolen'), turns),
    'move to': () => moveFile(home, path('mine'), secret, turns),
    mkdir: () => makeDirectory(home, path(`${at}/new`)),
    import: () => importTree(home, [tarOf({ path: `${at}/secret` })], MAX),
  };
}

const refusal = {
  code: 'invalid_request',
  message: expect.stringContaining('links are not followed'),
};

describe('a link', () => {
  it.each(['d', 'a/d'])(
    'as the directory %s is refused by every call',
    async (at) => {
      await mkdir(join(place.app, 'a'));
      await writeOnDisk(join(place.app, 'mine'), '');
      await symlink(place.outside, join(place.app, at));
      for (const [name, call] of Object.entries(callsBelow(at)))
        expect([name, await failure(call())]).toMatchObject([name, refusal]);
      expect(await readdir(place.app)).not.toContain('stolen');
    },
  );

  it.each(['workspace', 'workspace/app'])(
    'as %s is refused by every call',
    async (name) => {
      await rm(join(place.home, name), { recursive: true });
      await symlink(place.outside, join(place.home, name));
      const all = {
        ...callsBelow('d'),
        root: () => listFiles(place.home, path(''), { recursive: false }),
        export: () => exportTree(place.home, new Writable()),
      };
      for (const [verb, call] of Object.entries(all))
        expect([verb, await failure(call())]).toMatchObject([verb, refusal]);
    },
  );

  it('as the file itself is not read, written, appended to or replaced', async () => {
    const target = join(place.outside, 'secret');
    await symlink(target, join(place.app, 'f'));
    await symlink(join(place.outside, 'new'), join(place.app, 'dangling'));
    await writeOnDisk(join(place.app, 'mine'), '');
    const { home } = place;
    for (const name of ['f', 'dangling'])
      for (const call of [
        () => openFile(home, path(name)),
        () => writeFile(home, path(name), bytes, MAX),
        () => appendFile(home, path(name), Buffer.from('x'), MAX),
        () => moveFile(home, path('mine'), path(name), turns),
        () => importTree(home, [tarOf({ path: name })], MAX),
      ])
        expect(await failure(call())).toMatchObject(refusal);
  });
});

describe('pipes', () => {
  it('are neither read nor written, and hold nobody up', async () => {
    await run('mkfifo', [join(place.app, 'pipe')]);
    const { home } = place;
    for (const call of [
      () => openFile(home, path('pipe')),
      () => writeFile(home, path('pipe'), bytes, MAX),
      () => appendFile(home, path('pipe'), Buffer.from('x'), MAX),
    ])
      expect(await failure(call())).toMatchObject({ code: 'file_conflict' });
    const listed = await listFiles(home, path(''), { recursive: true });
    expect(listed.entries).toMatchObject([{ path: 'pipe', type: 'other' }]);
    await removeFile(home, path('pipe'), { recursive: false });
  });
});

describe('a full disk', () => {
  beforeEach(async () => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place.app]);
    undo.push(() => run('umount', [place.app]));
  });

  it('is said so, and nothing half is left', async () => {
    const { home } = place;
    const large = Buffer.alloc(2_000_000, 1);
    const limit = { maxBytes: 10_000_000, turns };
    await appendFile(home, path('log'), Buffer.from('kept'), limit);
    for (const call of [
      () => writeFile(home, path('f'), [large], limit),
      () => appendFile(home, path('log'), large, limit),
      () => importTree(home, [tarOf({ path: 'f', data: large })], limit),
    ])
      expect(await failure(call())).toMatchObject({
        code: 'disk_full',
        message: expect.stringContaining('disk is full'),
      });
    expect(await readdir(place.app)).toEqual(['log']);
    expect(await content(home, 'log')).toBe('kept');
  });
});

describe('while a process swaps a directory for a link, over and over', () => {
  const MIN_ROUNDS = 1_500;
  const MAX_ROUNDS = 30_000;
  let swapped: string;
  beforeEach(async () => {
    swapped = join(place.app, 't');
    await mkdir(join(swapped, 'd'), { recursive: true });
    await symlink(place.outside, join(swapped, 'link'));
    const child = fork(join(__dirname, 'swapper.ts'), [swapped], {
      execArgv: ['--no-warnings'],
    });
    const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    undo.push(async () => {
      child.kill('SIGKILL');
      await gone;
    });
    await once(child, 'message');
  });

  const races: [string, (home: string, round: number) => Promise<unknown>][] = [
    ['list', (home) => listFiles(home, path('t/d'), { recursive: true })],
    ['write', (home) => writeFile(home, path('t/d/secret'), bytes, MAX)],
    [
      'append',
      (home) => appendFile(home, path('t/d/secret'), Buffer.from('x'), MAX),
    ],
    ['mkdir', (home, round) => makeDirectory(home, path(`t/d/${round}/x`))],
    [
      'read',
      async (home) => {
        await writeFile(home, path('t/d/secret'), bytes, MAX);
        return content(home, 't/d/secret');
      },
    ],
    [
      'remove',
      async (home) => {
        await writeFile(home, path('t/d/secret'), bytes, MAX);
        await removeFile(home, path('t/d/secret'), { recursive: true });
      },
    ],
    [
      'move',
      async (home) => {
        await writeFile(home, path('t/d/secret'), bytes, MAX);
        await moveFile(home, path('t/d/secret'), path('t/d/moved'), turns);
      },
    ],
    [
      'import',
      (home) => importTree(home, [tarOf({ path: 't/d/secret' })], MAX),
    ],
  ];

  it.each(races)(
    '%s neither leaks nor touches what the link leads to',
    async (_name, race) => {
      const seen = { done: 0, refused: 0 };
      const wanted = (): boolean => seen.done > 0 && seen.refused > 0;
      for (
        let round = 0;
        round < MIN_ROUNDS || (!wanted() && round < MAX_ROUNDS);
        round += 1
      )
        try {
          const answer = await race(place.home, round);
          expect(JSON.stringify(answer ?? '')).not.toMatch(/the secret/);
          seen.done += 1;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          if (error.message.includes('not followed')) seen.refused += 1;
        }
      // Both happened: the swap did come between.
      expect(wanted()).toBe(true);
    },
    90_000,
  );

  it('export holds nothing of what the link leads to', async () => {
    let exported = 0;
    for (let round = 0; round < 300; round += 1) {
      const archive = await tarExported(place.home);
      expect(archive.includes('the secret')).toBe(false);
      if (archive.includes('t/d/')) exported += 1;
    }
    expect(exported).toBeGreaterThan(0);
  }, 90_000);

  it('a tree is removed without what the link leads to', async () => {
    let removed = 0;
    for (let round = 0; round < MIN_ROUNDS; round += 1)
      try {
        await mkdir(join(swapped, 'd'), { recursive: true });
        await symlink(place.outside, join(swapped, 'link'));
        await removeFile(place.home, path('t'), { recursive: true });
        removed += 1;
      } catch (error) {
        // The swapper was in the way, of the test or of the call.
        if (!(error instanceof DomainError) && errnoOf(error) === undefined)
          throw error;
      }
    expect(removed).toBeGreaterThan(0);
  }, 90_000);
});

/** The tar file that an export holds. */
async function tarExported(home: string): Promise<Buffer> {
  const sink = new PassThrough();
  const [archive] = await Promise.all([
    collected(sink),
    exportTree(home, sink),
  ]);
  return gunzipSync(archive);
}
