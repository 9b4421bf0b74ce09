import { isOwnFileSystem, readDiskSpace } from './disk-space.ts';

const DATA = '/var/lib/sandboxed';
const mount = (root: string, point: string): string =>
  `36 35 98:0 ${root} ${point} rw,noatime shared:1 - ext4 /dev/vda rw`;
const ROOT = mount('/', '/');

it.each([
  ['a directory of the host’s file system', [ROOT], false],
  ['one that is mounted', [ROOT, mount('/', DATA)], true],
  [
    'a directory of the host’s in a container',
    [ROOT, mount(DATA, DATA)],
    false,
  ],
  ['a directory of a larger one', [ROOT, mount('/', '/var/lib')], false],
])('%s: whether it has a file system of its own', (_what, mounts, isOwn) => {
  expect(isOwnFileSystem(mounts.join('\n'), DATA)).toBe(isOwn);
});

it('reads the room there is', async () => {
  const { freeMb, totalMb, freeInodes } = await readDiskSpace('/');
  expect(totalMb).toBeGreaterThan(freeMb);
  expect(freeInodes).toBeGreaterThan(0);
});
