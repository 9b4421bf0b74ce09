import { createHash } from 'node:crypto';
import {
  appendFile as appendOnDisk,
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile as writeOnDisk,
} from 'node:fs/promises';
import { join } from 'node:path';
import {
  appendFile,
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

const turns = new Turns();
const MAX = { maxBytes: 1_000, turns };
const text = (value: string): Buffer[] => [Buffer.from(value)];
const sha256 = (value: string): string =>
  createHash('sha256').update(value).digest('hex');

let place: Home;
let handles: number;
beforeEach(async () => {
  place = await makeHome();
  handles = await openHandles();
});
afterEach(async () => {
  expect(await openHandles()).toBe(handles);
  await cleanUp();
});

describe('writing', () => {
  it('makes the parents, answers size and hash, and gives all of it to the tenant', async () => {
    await rm(join(place.home, 'workspace'), { recursive: true });
    const written = await writeFile(place.home, path('a/b/c'), text('hi'), MAX);
    expect(written).toMatchObject({
      ...{ path: 'a/b/c', size: 2, sha256: sha256('hi') },
    });
    expect(await readFile(join(place.app, 'a/b/c'), 'utf8')).toBe('hi');
    for (const name of ['..', '.', 'a', 'a/b', 'a/b/c']) {
      const { uid, gid } = await stat(join(place.app, name));
      expect([name, uid, gid]).toEqual([name, 1000, 1000]);
    }
  });

  it('keeps the permissions of what it replaces, unless others are asked for', async () => {
    await writeFile(place.home, path('run.sh'), text('1'), {
      ...MAX,
      mode: 0o750,
    });
    await writeFile(place.home, path('run.sh'), text('2'), MAX);
    expect((await stat(join(place.app, 'run.sh'))).mode & 0o7777).toBe(0o750);
    await writeFile(place.home, path('run.sh'), text('3'), {
      ...MAX,
      mode: 0o600,
    });
    expect((await stat(join(place.app, 'run.sh'))).mode & 0o7777).toBe(0o600);
  });

  it('shows readers the old file or the new one, never a half', async () => {
    await writeFile(place.home, path('f'), text('old'), MAX);
    async function* slow() {
      yield Buffer.from('ne');
      expect(await content(place.home, 'f')).toBe('old');
      yield Buffer.from('w');
    }
    await writeFile(place.home, path('f'), slow(), MAX);
    expect(await content(place.home, 'f')).toBe('new');
  });

  it('leaves the old file and nothing else when the bytes break off or are too many', async () => {
    await writeFile(place.home, path('f'), text('old'), MAX);
    async function* broken() {
      yield* text('new');
      await Promise.reject(new Error('gone'));
    }
    const write = (bytes: Parameters<typeof writeFile>[2]) =>
      failure(writeFile(place.home, path('f'), bytes, MAX));
    expect(await write(broken())).toMatchObject({ message: 'gone' });
    expect(await write([Buffer.alloc(1_001)])).toMatchObject({
      code: 'body_too_large',
    });
    expect(await readdir(place.app)).toEqual(['f']);
    expect(await content(place.home, 'f')).toBe('old');
  });

  it('does not take the place of a directory, nor of a file as a parent', async () => {
    await mkdir(join(place.app, 'd'));
    await writeOnDisk(join(place.app, 'f'), '');
    for (const name of ['d', 'f/x'])
      expect(
        await failure(writeFile(place.home, path(name), text('x'), MAX)),
      ).toMatchObject({ code: 'file_conflict' });
  });

  it('says that a sandbox without a workspace is not there yet', async () => {
    expect(
      await failure(
        writeFile(join(place.home, 'none'), path('f'), text('x'), MAX),
      ),
    ).toMatchObject({ code: 'busy', retryAfterSeconds: 1 });
  });
});

describe('appending', () => {
  it('makes the file, then adds to it, and answers the whole', async () => {
    await appendFile(place.home, path('d/log'), Buffer.from('a\n'), MAX);
    const second = await appendFile(
      place.home,
      path('d/log'),
      Buffer.from('b\n'),
      MAX,
    );
    expect(second).toMatchObject({
      path: 'd/log',
      size: 4,
      sha256: sha256('a\nb\n'),
    });
    const stats = await stat(join(place.app, 'd/log'));
    expect([stats.uid, stats.gid, stats.mode & 0o777]).toEqual([
      1000, 1000, 0o644,
    ]);
  });

  it('loses nothing when many append at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () =>
        appendFile(place.home, path('log'), Buffer.from('line\n'), MAX),
      ),
    );
    expect(await content(place.home, 'log')).toBe('line\n'.repeat(50));
  });

  it('is bounded by the size of the whole', async () => {
    await appendFile(place.home, path('log'), Buffer.alloc(999), MAX);
    expect(
      await failure(appendFile(place.home, path('log'), Buffer.alloc(2), MAX)),
    ).toMatchObject({ code: 'body_too_large' });
    expect((await stat(join(place.app, 'log'))).size).toBe(999);
  });
});

describe('reading', () => {
  it('gives any part of a file', async () => {
    await writeOnDisk(join(place.app, 'f'), '0123456789');
    await using file = await openFile(place.home, path('f'));
    expect(file.size).toBe(10);
    expect((await collected(file.bytes(3, 4))).toString()).toBe('3456');
  });

  it('names a file anew by its tag whenever it changes', async () => {
    const tag = async () => {
      await using file = await openFile(place.home, path('f'));
      return file.etag;
    };
    await writeOnDisk(join(place.app, 'f'), 'a');
    const first = await tag();
    expect(await tag()).toBe(first);
    await writeFile(place.home, path('f'), text('b'), MAX);
    expect(await tag()).not.toBe(first);
  });

  it('fails when the file becomes shorter meanwhile', async () => {
    await writeOnDisk(join(place.app, 'f'), '0123456789');
    await using file = await openFile(place.home, path('f'));
    await writeOnDisk(join(place.app, 'f'), '01');
    await expect(collected(file.bytes(0, 10))).rejects.toThrow('shorter');
  });

  it('says what is missing and what is no file', async () => {
    await mkdir(join(place.app, 'd'));
    const open = (name: string) => failure(openFile(place.home, path(name)));
    expect(await open('none')).toMatchObject({ code: 'file_not_found' });
    expect(await open('none/f')).toMatchObject({ code: 'file_not_found' });
    expect(await open('d')).toMatchObject({ code: 'file_conflict' });
  });
});

describe('listing', () => {
  it('says of each entry what it is', async () => {
    await mkdir(join(place.app, 'd'));
    await writeOnDisk(join(place.app, 'd/f'), 'abc');
    await chmod(join(place.app, 'd/f'), 0o640);
    await symlink('/etc/passwd', join(place.app, 'l'));
    const shallow = await listFiles(place.home, path(''), { recursive: false });
    expect(shallow.truncated).toBe(false);
    expect(shallow.entries.map((entry) => [entry.path, entry.type])).toEqual([
      ['d', 'directory'],
      ['l', 'link'],
    ]);
    const deep = await listFiles(place.home, path('d'), { recursive: true });
    expect(deep).toMatchObject({
      path: 'd',
      entries: [{ path: 'd/f', type: 'file', size: 3, mode: '0640' }],
    });
    expect(deep.entries[0]?.modified_at).toMatch(/^\d{4}-.*Z$/);
  });

  it('is empty while there is no app directory', async () => {
    await rm(join(place.home, 'workspace'), { recursive: true });
    const nothing = { path: '', entries: [], truncated: false };
    const options = { recursive: true };
    expect(await listFiles(place.home, path(''), options)).toEqual(nothing);
    const home = join(place.home, 'none');
    expect(await listFiles(home, path(''), options)).toEqual(nothing);
    expect(
      await failure(listFiles(place.home, path('d'), options)),
    ).toMatchObject({ code: 'file_not_found' });
  });

  it('is truncated after 5,000 entries and below 64 levels', async () => {
    await mkdir(join(place.app, 'many'));
    for (let n = 0; n < 5_001; n += 1)
      await writeOnDisk(join(place.app, 'many', String(n)), '');
    const many = await listFiles(place.home, path('many'), {
      recursive: false,
    });
    expect([many.entries.length, many.truncated]).toEqual([5_000, true]);
    await rm(join(place.app, 'many'), { recursive: true });

    await mkdir(join(place.app, 'd/'.repeat(80)), { recursive: true });
    const deep = await listFiles(place.home, path(''), { recursive: true });
    expect([deep.entries.length, deep.truncated]).toEqual([65, true]);
  });
});

describe('moving to where nothing is to be replaced', () => {
  it('moves to a new name, and leaves what is there', async () => {
    const { home, app } = place;
    await mkdir(join(app, 'd'));
    for (const name of ['a', 'b']) await writeOnDisk(join(app, name), name);
    const move = (from: string, to: string) =>
      moveFile(home, path(from), path(to), turns, { replace: false });
    for (const taken of ['b', 'd'])
      expect(await failure(move('a', taken))).toMatchObject({
        code: 'precondition_failed',
        message: `"${taken}" is there already and was not written over.`,
      });
    await move('a', 'e/c');
    expect(await readFile(join(app, 'b'), 'utf8')).toBe('b');
    expect(await readFile(join(app, 'e/c'), 'utf8')).toBe('a');
  });
});

describe('removing', () => {
  it('removes a file, a link and not what it leads to, and a tree with names of any bytes', async () => {
    await writeOnDisk(join(place.outside, 'kept'), '');
    await mkdir(join(place.app, 'd/e'), { recursive: true });
    await writeOnDisk(
      Buffer.concat([Buffer.from(`${place.app}/d/`), Buffer.from([0xff])]),
      '',
    );
    await symlink(place.outside, join(place.app, 'd/e/out'));
    await symlink(place.outside, join(place.app, 'link'));
    await writeOnDisk(join(place.app, 'f'), '');
    for (const name of ['f', 'link'])
      await removeFile(place.home, path(name), { recursive: false });
    expect(
      await failure(removeFile(place.home, path('d'), { recursive: false })),
    ).toMatchObject({ code: 'file_conflict' });
    await removeFile(place.home, path('d'), { recursive: true });
    expect(await readdir(place.app)).toEqual([]);
    expect(await readdir(place.outside)).toEqual(['kept']);
    expect(
      await failure(removeFile(place.home, path('f'), { recursive: true })),
    ).toMatchObject({ code: 'file_not_found' });
  });

  it('refuses the app directory itself', async () => {
    expect(
      await failure(removeFile(place.home, path(''), { recursive: true })),
    ).toMatchObject({ code: 'invalid_request' });
  });
});

describe('moving and making directories', () => {
  it('makes the parents and replaces a file, but no directory', async () => {
    await writeOnDisk(join(place.app, 'a'), 'a');
    await writeOnDisk(join(place.app, 'b'), 'b');
    await mkdir(join(place.app, 'd'));
    await moveFile(place.home, path('a'), path('x/y/b'), turns);
    await moveFile(place.home, path('b'), path('x/y/b'), turns);
    expect(await content(place.home, 'x/y/b')).toBe('b');
    const move = (from: string, to: string) =>
      failure(moveFile(place.home, path(from), path(to), turns));
    expect(await move('x', 'd')).toMatchObject({ code: 'file_conflict' });
    expect(await move('x', 'x/y/z')).toMatchObject({ code: 'file_conflict' });
    expect(await move('x', 'x')).toMatchObject({ code: 'file_conflict' });
    expect(await move('none', 'n/m')).toMatchObject({ code: 'file_not_found' });
    expect(await readdir(place.app)).toEqual(['d', 'x']);
  });

  it('makes a directory with its parents, once or twice', async () => {
    await makeDirectory(place.home, path('p/q'));
    await makeDirectory(place.home, path('p/q'));
    expect((await stat(join(place.app, 'p'))).uid).toBe(1000);
    await writeOnDisk(join(place.app, 'f'), '');
    expect(await failure(makeDirectory(place.home, path('f')))).toMatchObject({
      code: 'file_conflict',
    });
  });
});

it('works on what the tenant locked or made sticky', async () => {
  await mkdir(join(place.app, 'd'));
  await writeOnDisk(join(place.app, 'd/f'), 'x');
  await appendOnDisk(join(place.app, 'd/g'), 'y');
  for (const name of ['d/f', 'd/g', 'd'])
    await chown(join(place.app, name), 1000, 1000);
  await chmod(join(place.app, 'd/f'), 0);
  await chmod(join(place.app, 'd'), 0o1000);
  expect(await content(place.home, 'd/f')).toBe('x');
  await moveFile(place.home, path('d/f'), path('d/h'), turns);
  await removeFile(place.home, path('d'), { recursive: true });
  expect(await readdir(place.app)).toEqual([]);
});
