import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Entry } from './tar.ts';
import { tarOf } from './tar.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sandboxed-client-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function file(name: string, content: string | Buffer, mode = 0o644): Entry {
  const path = join(directory, 'source');
  const own = join(path, String(Math.random()));
  mkdirSync(path, { recursive: true });
  writeFileSync(own, content);
  return { name, path: own, type: 'file', mode, size: statSync(own).size };
}

/** Unpacked by the tar of this host, which is not ours. */
async function unpacked(entries: readonly Entry[]): Promise<string> {
  const target = join(directory, 'target');
  mkdirSync(target);
  execFileSync('tar', ['-xf', '-', '-C', target], {
    input: await buffer(tarOf(entries)),
  });
  return target;
}

it('another tar unpacks it: contents, modes, links, empty files and directories', async () => {
  const big = Buffer.alloc(200_000, 'x');
  const target = await unpacked([
    { name: 'd', path: '', type: 'directory', mode: 0o755, size: 0 },
    file('d/run.sh', '#!/bin/sh\n', 0o755),
    file('d/empty', ''),
    file('d/block', Buffer.alloc(512, 'b')),
    file('big', big),
    {
      name: 'd/link',
      path: '',
      type: 'link',
      mode: 0o777,
      size: 0,
      target: 'empty',
    },
  ]);
  expect(readFileSync(join(target, 'd/run.sh'), 'utf8')).toBe('#!/bin/sh\n');
  expect(statSync(join(target, 'd/run.sh')).mode & 0o777).toBe(0o755);
  expect(statSync(join(target, 'd/empty')).size).toBe(0);
  expect(readFileSync(join(target, 'd/block')).length).toBe(512);
  expect(readFileSync(join(target, 'big')).equals(big)).toBe(true);
  expect(readlinkSync(join(target, 'd/link'))).toBe('empty');
});

it.each([98, 99, 100, 101, 102, 200])(
  'a name of %d bytes stays whole',
  async (length) => {
    const name = `${'ä'.repeat(10)}/${'n'.repeat(length - 21)}`;
    const target = await unpacked([file(name, 'deep')]);
    expect(readFileSync(join(target, name), 'utf8')).toBe('deep');
  },
);

it.each(['t'.repeat(150), 'ä'.repeat(20), `../${'t'.repeat(98)}`])(
  'a link leads to %s, however long or spelled',
  async (to) => {
    const link = { path: '', type: 'link', mode: 0o777, size: 0 } as const;
    const target = await unpacked([{ name: 'link', ...link, target: to }]);
    expect(readlinkSync(join(target, 'link'))).toBe(to);
  },
);

it('the size of a file beyond 8 GiB is told whole', async () => {
  const path = join(directory, 'vast');
  writeFileSync(path, '');
  truncateSync(path, 9 * 2 ** 30);
  const size = statSync(path).size;
  const archive = tarOf([
    { name: 'vast', path, type: 'file', mode: 0o644, size },
  ]);
  const { value: header } = await archive.next();
  await archive.return(undefined);
  const { stdout } = spawnSync('tar', ['-tvf', '-'], {
    input: header ?? '',
  });
  expect(String(stdout)).toContain(` ${size} `);
});

it('a file that becomes shorter while it is read is told', async () => {
  const entry = file('a', 'four');
  truncateSync(entry.path, 2);
  await expect(buffer(tarOf([entry]))).rejects.toThrow('became shorter');
});
