import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile as writeOnDisk,
} from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzipSync } from 'node:zlib';
import { exportTree, importTree, listFiles } from '../src/index.ts';
import type { Home } from './home.ts';
import {
  cleanUp,
  collected,
  failure,
  makeHome,
  openHandles,
  path,
} from './home.ts';
import { tarOf } from './tar-of.ts';

const run = promisify(execFile);
const MAX = { maxBytes: 10_000_000 };
const LONG = `${'long-name-'.repeat(12)}/${'ü'.repeat(60)}/${'x'.repeat(200)}`;

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

const importing = (archive: Parameters<typeof importTree>[1]) =>
  importTree(place.home, archive, MAX);

async function exported(home: string): Promise<Buffer> {
  const sink = new PassThrough();
  const [archive] = await Promise.all([
    collected(sink),
    exportTree(home, sink),
  ]);
  return archive;
}

async function tree(home: string) {
  const { entries } = await listFiles(home, path(''), { recursive: true });
  return entries.map(({ path: name, type, mode }) => [name, type, mode]);
}

describe('an export', () => {
  it('comes back the same by an import, with long names, rights and inner links', async () => {
    const { app } = place;
    await mkdir(join(app, LONG, '..'), { recursive: true });
    await mkdir(join(app, '.git'));
    await mkdir(join(app, 'empty'));
    await writeOnDisk(join(app, LONG), 'deep');
    await writeOnDisk(join(app, '.git/HEAD'), 'ref');
    await writeOnDisk(join(app, 'data.bin'), Buffer.alloc(200_000, 7));
    await writeOnDisk(join(app, 'run.sh'), '#!/bin/sh');
    await chmod(join(app, 'run.sh'), 0o755);
    await symlink('../run.sh', join(app, '.git/run'));
    const other = await makeHome();
    const archive = await exported(place.home);
    expect(await importTree(other.home, [archive], MAX)).toEqual({
      files: 5,
      bytes: 4 + 3 + 200_000 + 9,
    });
    expect(await tree(other.home)).toEqual(await tree(place.home));
    expect(await readFile(join(other.app, LONG), 'utf8')).toBe('deep');
    expect(await readlink(join(other.app, '.git/run'))).toBe('../run.sh');
    const { uid, gid } = await stat(join(other.app, LONG));
    expect([uid, gid]).toEqual([1000, 1000]);
  });

  it('leaves out what tools make again, links that lead out, and pipes', async () => {
    const { app } = place;
    for (const name of ['node_modules', 'a/.venv', 'a/__pycache__', 'src'])
      await mkdir(join(app, name), { recursive: true });
    await writeOnDisk(join(app, 'node_modules/x'), '');
    await writeOnDisk(join(app, 'src/venv'), 'a file of that name');
    await symlink('/etc/passwd', join(app, 'absolute'));
    await symlink('../x', join(app, 'out'));
    await symlink('src/../../x', join(app, 'crooked'));
    await run('mkfifo', [join(app, 'pipe')]);
    const other = await makeHome();
    await importTree(other.home, [await exported(place.home)], MAX);
    expect((await tree(other.home)).map(([name]) => name)).toEqual([
      'a',
      'src',
      'src/venv',
    ]);
  });

  it('is read by tar itself', async () => {
    await mkdir(join(place.app, LONG, '..'), { recursive: true });
    await writeOnDisk(join(place.app, LONG), 'deep');
    await symlink('x'.repeat(150), join(place.app, 'link'));
    const file = join(place.outside, 'a.tar.gz');
    await writeOnDisk(file, await exported(place.home));
    await run('tar', ['-xzf', file, '-C', place.outside]);
    expect(await readFile(join(place.outside, LONG), 'utf8')).toBe('deep');
    expect(await readlink(join(place.outside, 'link'))).toBe('x'.repeat(150));
  });

  it('is an empty archive while there is no app directory', async () => {
    await rm(join(place.home, 'workspace'), { recursive: true });
    const archive = await exported(place.home);
    expect(await importing([archive])).toEqual({ files: 0, bytes: 0 });
  });

  it('lets go of everything when the reader goes away', async () => {
    await writeOnDisk(join(place.app, 'f'), Buffer.alloc(3_000_000, 'abcdefg'));
    const sink = new PassThrough({ highWaterMark: 1 });
    const done = exportTree(place.home, sink);
    sink.once('readable', () => sink.destroy());
    expect(await failure(done)).toMatchObject({
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    });
  });
});

describe('an import', () => {
  it.each(['gnu', 'pax', 'ustar', 'v7'])(
    'takes what tar writes as %s',
    async (format) => {
      const from = join(place.outside, 'from');
      const name = format === 'gnu' || format === 'pax' ? LONG : 'a/b c';
      await mkdir(join(from, name, '..'), { recursive: true });
      await writeOnDisk(join(from, name), 'content');
      await symlink('a', join(from, 'link'));
      const { stdout } = await run(
        'tar',
        ['-c', `--format=${format}`, '-C', from, '.'],
        { encoding: 'buffer' },
      );
      expect(await importing([stdout])).toEqual({ files: 2, bytes: 7 });
      expect(await readFile(join(place.app, name), 'utf8')).toBe('content');
    },
  );

  it('takes chunks of any size, plain or compressed', async () => {
    const plain = tarOf({ path: './d/f', data: Buffer.alloc(3_000, 'x') });
    for (const archive of [plain, gzipSync(plain)]) {
      const crumbs = Array.from(archive, (byte) => Buffer.from([byte]));
      expect(await importing(crumbs)).toEqual({ files: 1, bytes: 3_000 });
    }
  });

  it.each([
    ['an absolute path', { path: '/etc/passwd' }, 'absolute'],
    ['..', { path: 'a/../../x' }, '..'],
    ['.. behind a dot', { path: './../x' }, '..'],
    ['a pax path that climbs', { path: `${'../'.repeat(60)}x` }, '..'],
    ['too long a path', { path: 'x/'.repeat(3_000) }, '4096'],
    ['too long a name', { path: 'x'.repeat(300) }, '255'],
    ['an absolute link', { path: 'l', type: '2', link: '/etc' }, 'leads out'],
    ['a link up and out', { path: 'a/l', type: '2', link: '../..' }, 'leads'],
    ['a crooked link', { path: 'l', type: '2', link: 'a/../..' }, 'leads out'],
    ['a hard link', { path: 'l', type: '1', link: 'f' }, 'hard link'],
    ['a character device', { path: 'd', type: '3' }, 'device'],
    ['a block device', { path: 'd', type: '4' }, 'device'],
    ['a pipe', { path: 'p', type: '6' }, 'pipe'],
    ['a sparse file', { path: 's', type: 'S' }, 'sparse'],
    ['an unknown kind', { path: 'u', type: 'Z' }, 'no known kind'],
    ['a file of no name', { path: '' }, 'below the app directory'],
  ])('refuses %s', async (_what, entry, why) => {
    expect(
      await failure(importing([gzipSync(tarOf(entry, { path: 'after' }))])),
    ).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(why),
    });
    expect(await readdir(place.app)).toEqual([]);
  });

  it('refuses NUL and bytes that are no text in a pax path', async () => {
    for (const value of ['a\0b', 'a\xffb']) {
      const record = Buffer.from(`12 path=${value}\n`, 'latin1');
      const archive = Buffer.concat([
        tarOf({ path: 'x', data: record }).subarray(0, 1024),
        tarOf({ path: 'f' }),
      ]);
      archive.write('x', 156, 'latin1');
      fixChecksum(archive);
      expect(await failure(importing([archive]))).toMatchObject({
        code: 'invalid_request',
      });
    }
    expect(await readdir(place.app)).toEqual([]);
  });

  it('does not go through a link that the same archive made', async () => {
    const archive = tarOf(
      { path: 'd', type: '5' },
      { path: 'l', type: '2', link: 'd' },
      { path: 'l/f' },
    );
    expect(await failure(importing([archive]))).toMatchObject({
      message: expect.stringContaining('not followed'),
    });
    expect(await readdir(join(place.app, 'd'))).toEqual([]);
  });

  it('refuses what is no archive, nothing at all, and one cut short anywhere', async () => {
    const plain = tarOf({ path: 'f', data: Buffer.alloc(2_000, 'x') });
    const zipped = gzipSync(plain);
    const bad = [
      Buffer.alloc(0),
      Buffer.from('no archive'),
      Buffer.alloc(2_048, 'x'),
      ...[100, 512, 1_000, 2_500].map((size) => plain.subarray(0, size)),
      ...[2, 20].map((size) => zipped.subarray(0, size)),
      Buffer.concat([zipped.subarray(0, 20), Buffer.alloc(200, 1)]),
    ];
    for (const [index, archive] of bad.entries())
      expect([index, await failure(importing([archive]))]).toMatchObject([
        index,
        { code: 'invalid_request' },
      ]);
    expect(await readdir(place.app)).toEqual([]);
  });

  it('says so when nothing but the end is missing', async () => {
    const plain = tarOf({ path: 'f' });
    for (const archive of [
      plain.subarray(0, 1_024),
      gzipSync(plain).subarray(0, -1),
    ])
      expect(await failure(importing([archive]))).toMatchObject({
        message: expect.stringContaining('cut short'),
      });
  });

  it('ends a bomb at its bound, with flat memory', async () => {
    const gzip = createGzip();
    const zeros = Buffer.alloc(1_048_576);
    gzip.write(tarOf({ path: 'f', data: zeros }).subarray(0, 512 + 1_048_576));
    for (let n = 0; n < 64; n += 1) gzip.write(zeros);
    gzip.end();
    const bomb = await collected(gzip);
    expect(bomb.length).toBeLessThan(100_000);
    const limit = { maxBytes: 500_000 };
    expect(await failure(importTree(place.home, [bomb], limit))).toMatchObject({
      code: 'body_too_large',
    });
    expect(await readdir(place.app)).toEqual([]);
  });

  it('is bounded in entries and in the size of their records', async () => {
    const many = tarOf(
      ...Array.from({ length: 50_001 }, () => ({ path: 'd', type: '5' })),
    );
    const limit = { maxBytes: 100_000_000 };
    expect(await failure(importTree(place.home, [many], limit))).toMatchObject({
      code: 'body_too_large',
    });
    const record = tarOf({ path: 'x'.repeat(70_000) });
    expect(await failure(importing([record]))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('65536'),
    });
  }, 60_000);

  it('leaves no half file when the sender goes away', async () => {
    async function* broken() {
      yield tarOf({ path: 'f', data: Buffer.alloc(5_000) }).subarray(0, 2_000);
      await Promise.reject(new Error('gone'));
    }
    expect(await failure(importing(broken()))).toMatchObject({
      message: 'gone',
    });
    expect(await readdir(place.app)).toEqual([]);
  });
});

function fixChecksum(block: Buffer): void {
  block.write('        ', 148, 'latin1');
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
