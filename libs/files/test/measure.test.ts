import { execFileSync } from 'node:child_process';
import { renameSync, rmdirSync, symlinkSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  open,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from '../src/index.ts';
import { measureTree } from '../src/index.ts';
import { cleanUp, makeHome, openHandles } from './home.ts';

const MIB = 1_048_576;
/** What directories take. */
const SLACK = 128 * 1_024;

let home: string;
let outside: string;
let handles: number;
beforeEach(async () => {
  ({ home, outside } = await makeHome());
  await rm(join(home, 'workspace'), { recursive: true });
  handles = await openHandles();
});
afterEach(async () => {
  expect(await openHandles()).toBe(handles);
  await cleanUp();
});

const measure = (
  maxEntries = 1_000_000,
  meanwhile: () => boolean = () => true,
): Promise<Measured> =>
  measureTree(home, { maxEntries, goOn: () => Promise.resolve(meanwhile()) });

async function fill(name: string, bytes: number): Promise<void> {
  await using file = await open(join(home, name), 'w');
  await file.writeFile(Buffer.alloc(bytes, 1));
  await file.sync();
}

it('counts allocated bytes and entries of any kind, also in hidden and unreadable places', async () => {
  await mkdir(join(home, '.cache/a'), { recursive: true });
  await fill('.cache/a/f', 3 * MIB);
  await fill('g', MIB);
  await symlink('nowhere', join(home, 'l'));
  execFileSync('mkfifo', [join(home, 'pipe')]);
  await writeFile(join(home, Buffer.from([0xff, 0xfe]).toString('latin1')), '');
  await chmod(join(home, '.cache/a'), 0);
  const { bytes, files, complete } = await measure();
  expect([files, complete]).toEqual([7, true]);
  expect(bytes).toBeGreaterThanOrEqual(4 * MIB);
  expect(bytes).toBeLessThan(4 * MIB + SLACK);
});

it('takes a missing root for nothing', async () => {
  await rm(home, { recursive: true });
  expect(await measure()).toEqual({ bytes: 0, files: 0, complete: true });
});

it('counts a sparse file as what it has, and one with several names once', async () => {
  await writeFile(join(home, 'sparse'), '');
  await truncate(join(home, 'sparse'), 1_024 * MIB);
  await fill('f', MIB);
  for (let index = 0; index < 200; index += 1)
    await link(join(home, 'f'), join(home, `f${index}`));
  const { bytes, files } = await measure();
  expect(files).toBe(202);
  expect(bytes).toBeLessThan(MIB + SLACK);
});

it('follows no link: neither out, nor round in a circle', async () => {
  await writeFile(join(outside, 'f'), Buffer.alloc(8 * MIB, 1));
  await symlink(outside, join(home, 'out'));
  await symlink('/', join(home, 'root'));
  await symlink('.', join(home, 'loop'));
  const { bytes, files } = await measure();
  expect(files).toBe(3);
  expect(bytes).toBeLessThan(SLACK);
});

it('counts what lies thousands of levels deep, beyond what a path can name', async () => {
  const script =
    'import os,sys\nos.chdir(sys.argv[1])\nfor i in range(3000):\n os.mkdir("directory"); os.chdir("directory")\nopen("f","wb").write(b"1"*2097152)';
  execFileSync('python3', ['-c', script, home]);
  const { bytes, files, complete } = await measure();
  expect([files, complete]).toEqual([3_001, true]);
  expect(bytes).toBeGreaterThanOrEqual(3_000 * 4_096 + 2 * MIB);
  execFileSync('rm', ['-rf', join(home, 'directory')]);
});

it('ends at its bound of entries and when it is told to, and says that there is more', async () => {
  await mkdir(join(home, 'd'));
  for (let index = 0; index < 500; index += 1)
    await writeFile(join(home, 'd', String(index)), '');
  const cut = await measure(200);
  expect(cut.complete).toBe(false);
  expect(cut.files).toBeGreaterThan(200);
  expect(cut.files).toBeLessThan(300);
  let calls = 0;
  const told = await measure(1_000, () => (calls += 1) < 3);
  expect(told.complete).toBe(false);
  expect(told.files).toBeLessThan(200);
  expect((await measure()).files).toBe(501);
});

it('goes on with the rest when the directory it is in moves away, and never by what lies above the root', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `d${index}`);
  for (const name of names) {
    await mkdir(join(home, name, 'x/y'), { recursive: true });
    // Where a walk would come to that went up from a place which has moved.
    await mkdir(join(home, '..', name));
    await writeFile(join(home, '..', name, 'f'), Buffer.alloc(8 * MIB, 1));
  }
  let calls = 0;
  const { bytes, files, complete } = await measure(1_000, () => {
    calls += 1;
    // Inside `y` of whichever is first.
    if (calls === 4)
      for (const name of names)
        renameSync(join(home, name, 'x'), join(home, `x-${name}`));
    return true;
  });
  expect(complete).toBe(true);
  // All of the top, and what was entered of the first.
  expect(files).toBe(names.length + 2);
  expect(bytes).toBeLessThan(SLACK);
});

it('does not enter a link that takes the place of a directory it has seen', async () => {
  await mkdir(join(home, 'a'));
  await writeFile(join(outside, 'f'), Buffer.alloc(8 * MIB, 1));
  let calls = 0;
  const { bytes, files } = await measure(1_000, () => {
    calls += 1;
    if (calls === 1) {
      rmdirSync(join(home, 'a'));
      symlinkSync(outside, join(home, 'a'));
    }
    return true;
  });
  expect(files).toBe(1);
  expect(bytes).toBeLessThan(SLACK);
});

it('never leaves the root, whatever is swapped while it walks', async () => {
  await writeFile(join(outside, 'secret'), Buffer.alloc(64 * MIB, 1));
  await mkdir(join(home, 'a/b/c'), { recursive: true });
  await fill('a/b/c/f', MIB);
  const over = new AbortController();
  const swapping = (async () => {
    while (!over.signal.aborted) {
      await rename(join(home, 'a/b'), join(home, 'b'));
      await symlink(outside, join(home, 'a/b'));
      await rm(join(home, 'a/b'));
      await rename(join(home, 'b'), join(home, 'a/b'));
    }
  })();
  for (let round = 0; round < 200; round += 1) {
    const { bytes } = await measure();
    expect(bytes).toBeLessThan(3 * MIB);
  }
  over.abort();
  await swapping;
});
