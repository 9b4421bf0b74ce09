import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  exportTree,
  importTree,
  openFile,
  Turns,
  writeFile,
} from '../src/index.ts';
import { encodeHeader } from '../src/tar/header.ts';
import { cleanUp, makeHome, path } from './home.ts';

const GIB = 1_073_741_824;
const CHUNK = Buffer.alloc(65_536, 1);
const MAX_GROWTH_BYTES = 64 * 1_048_576;

afterEach(cleanUp);

/** Bytes of memory that the process grew by while `work` ran, at most. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(peak, process.memoryUsage.rss()) - before;
}

function* gibibyte(): Generator<Buffer> {
  for (let sent = 0; sent < GIB; sent += CHUNK.length) yield CHUNK;
}

async function sparse(file: string): Promise<void> {
  await using handle = await open(file, 'w');
  await handle.truncate(GIB);
}

it('takes a file of 1 GiB in flat memory', async () => {
  const { home, app } = await makeHome();
  const grown = await growth(async () => {
    await writeFile(home, path('big'), gibibyte(), {
      maxBytes: GIB,
      turns: new Turns(),
    });
  });
  expect((await stat(join(app, 'big'))).size).toBe(GIB);
  expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
}, 60_000);

it('gives a file of 1 GiB in flat memory', async () => {
  const { home, app } = await makeHome();
  await sparse(join(app, 'big'));
  let received = 0;
  const grown = await growth(async () => {
    await using file = await openFile(home, path('big'));
    for await (const chunk of file.bytes(0, GIB)) received += chunk.length;
  });
  expect(received).toBe(GIB);
  expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
}, 60_000);

it('exports and imports 256 MiB in flat memory', async () => {
  const { home, app } = await makeHome();
  await sparse(join(app, 'big'));
  await using handle = await open(join(app, 'big'), 'r+');
  await handle.truncate(GIB / 4);
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  expect(await growth(() => exportTree(home, sink))).toBeLessThan(
    MAX_GROWTH_BYTES,
  );
  const other = await makeHome();
  function* archive(): Generator<Buffer> {
    yield encodeHeader({
      path: 'big',
      type: '0',
      size: GIB / 4,
      mode: 0o644,
      link: '',
      modifiedAtSeconds: 0,
    });
    for (let sent = 0; sent < GIB / 4; sent += CHUNK.length) yield CHUNK;
    yield Buffer.alloc(1024);
  }
  const grown = await growth(async () => {
    await importTree(other.home, archive(), { maxBytes: GIB });
  });
  expect(await readdir(other.app)).toEqual(['big']);
  expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
}, 60_000);
