import fc from 'fast-check';
import { DomainError } from '@sandboxed/domain';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { importTree } from '../src/index.ts';
import { readTar } from '../src/tar/read-tar.ts';
import type { Home } from './home.ts';
import { cleanUp, collected, makeHome } from './home.ts';
import type { TestEntry } from './tar-of.ts';
import { tarOf } from './tar-of.ts';

let place: Home;
beforeEach(async () => {
  place = await makeHome();
});
afterEach(cleanUp);

/** The archive in pieces of any size. */
function* cut(archive: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield archive.subarray(at, at + size);
    at += size;
  }
  yield archive.subarray(at);
}

const sizes = fc.array(fc.nat(700), { maxLength: 20 });
const paths = fc
  .array(
    fc
      .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
      .filter((name) => !/[/\0]/.test(name)),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join('/'));
const files = fc.record({
  path: paths,
  data: fc.uint8Array({ maxLength: 1_500 }).map((raw) => Buffer.from(raw)),
});

async function entriesOf(archive: Parameters<typeof readTar>[0]) {
  const found: { path: string; data: Buffer }[] = [];
  for await (const { path, content } of readTar(archive))
    found.push({ path, data: await collected(content) });
  return found;
}

/** What the code of a failure is; undefined of none. Anything but a DomainError is thrown on. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

it('reads back what was packed, however the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(files, { maxLength: 6 }),
      sizes,
      async (entries, pieces) => {
        const archive = tarOf(...entries);
        expect(await entriesOf(cut(archive, pieces))).toEqual(entries);
      },
    ),
    { numRuns: 100 },
  );
});

it.each([99, 100, 101, 155, 156])(
  'reads a file whose long name has a slash at byte %d as a file',
  async (at) => {
    const path = `${'x'.repeat(at - 1)}/${'y'.repeat(120)}`;
    const entries = [{ path, data: Buffer.from('d') }];
    expect(await entriesOf(cut(tarOf(...entries), []))).toEqual(entries);
  },
);

it('refuses one that ends before its end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(files, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      async (entries, at) => {
        const archive = tarOf(...entries);
        // The last block says no more than the one before it.
        const part = archive.subarray(0, at % (archive.length - 1_024));
        expect(await codeOf(entriesOf(cut(part, [])))).toBe('invalid_request');
      },
    ),
    { numRuns: 100 },
  );
});

const hostileNames = fc
  .array(
    fc.constantFrom(
      ...['..', '.', '', 'a', 'b', 'outside', 'link', '/', '\0', '~', '…'],
      'x'.repeat(300),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join('/'));
const hostile: fc.Arbitrary<TestEntry> = fc.record({
  path: fc.oneof(hostileNames, fc.constantFrom('link', 'link/x', 'a', 'a/x')),
  type: fc.constantFrom(...Array.from('0025122234567xgLKSZ')),
  link: fc.oneof(
    hostileNames,
    fc.constantFrom('../../../outside', '/etc', 'a', '.', 'link'),
  ),
  data: fc.constantFrom(
    Buffer.from('escaped'),
    Buffer.from('12 path=../x\n'),
    Buffer.from('20 path=../outside\n'),
    Buffer.alloc(0),
  ),
});

it('lets nothing out of the app directory, whatever an archive holds, and fails in words', async () => {
  const { app, home, outside } = place;
  await writeFile(join(outside, 'kept'), 'kept');
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostile, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
      fc.boolean(),
      async (entries, spoilt, zipped) => {
        await rm(app, { recursive: true, force: true });
        await mkdir(app);
        const archive = tarOf(...entries);
        for (const [at, byte] of spoilt) archive[at % archive.length] = byte;
        const sent = zipped ? gzipSync(archive) : archive;
        const code = await codeOf(
          importTree(home, cut(sent, []), { maxBytes: 100_000 }),
        );
        expect([
          undefined,
          'invalid_request',
          'file_conflict',
          'body_too_large',
        ]).toContain(code);
        expect(await readdir(outside)).toEqual(['kept']);
        expect(await readdir(join(home, 'workspace'))).toEqual(['app']);
        expect(await readdir(home)).toEqual(['workspace']);
      },
    ),
    { numRuns: 60 },
  );
});

it('reads any bytes at all as an archive or as a damaged one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.boolean(),
      async (raw, zipped) => {
        const sent = zipped ? gzipSync(raw) : Buffer.from(raw);
        const code = await codeOf(
          importTree(place.home, cut(sent, []), { maxBytes: 100_000 }),
        );
        expect([undefined, 'invalid_request']).toContain(code);
      },
    ),
    { numRuns: 100 },
  );
});
