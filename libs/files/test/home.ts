import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePath } from '@sandboxed/domain';
import { filePathSchema } from '@sandboxed/domain';
import { openFile } from '../src/index.ts';

/** A sandbox's home, its app directory, and a directory beside it that nothing may reach. */
export interface Home {
  readonly home: string;
  readonly app: string;
  readonly outside: string;
}

const made: string[] = [];

/** Makes a home with an app directory; {@link cleanUp} removes it. */
export async function makeHome(): Promise<Home> {
  const base = await mkdtemp(join(tmpdir(), 'sandboxed-files-'));
  made.push(base);
  const home = join(base, 'home');
  const app = join(home, 'workspace/app');
  const outside = join(base, 'outside');
  await mkdir(app, { recursive: true });
  await mkdir(outside);
  return { home, app, outside };
}

/** Call in `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const base of made.splice(0))
    await rm(base, { recursive: true, force: true });
}

export function path(text: string): FilePath {
  return filePathSchema.parse(text);
}

export async function openHandles(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}

/** What a call fails with, for `toMatchObject`; fails the test if it does not. */
export async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to fail');
}

export async function collected(
  bytes: AsyncIterable<Uint8Array>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The whole content of a file, as `openFile` gives it. */
export async function content(home: string, name: string): Promise<string> {
  await using file = await openFile(home, path(name));
  return (await collected(file.bytes(0, file.size))).toString();
}
