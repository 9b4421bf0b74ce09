import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { SealingKey } from './sealing-key.ts';
import { KEY_BYTES, sealingKey } from './sealing-key.ts';

const OTHERS = 0o077;

const fileSchema = z.strictObject({
  format: z.literal(1),
  /** The oldest first; the last one seals. */
  keys: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{8}$/),
        secret: z.base64(),
      }),
    )
    .min(1),
});

/** The key file cannot be used; the message says what to do. It never holds a part of a key. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/** The keys in the file, the oldest first. Throws a KeyFileError when it is missing, damaged or open to others than its owner. */
export function readKeyFile(file: string): readonly SealingKey[] {
  const content = readPrivate(file);
  // How the first versions wrote it: one key, and nothing else.
  if (content.length === KEY_BYTES) return [sealingKey(content)];
  const parsed = fileSchema.safeParse(parseJson(content));
  const keys = parsed.data?.keys.map(({ id, secret }) => ({
    id,
    secret: Buffer.from(secret, 'base64'),
  }));
  if (keys === undefined || !keys.every(isWhole))
    throw new KeyFileError(
      `${file} is not a key file, or is damaged. Put the one of a backup back in its place: without it what is encrypted cannot be read.`,
    );
  return keys;
}

/** Writes the file in one step, on disk when this returns, readable by its owner alone. The caller keeps others from writing it. */
export function writeKeyFile(file: string, keys: readonly SealingKey[]): void {
  const content = {
    format: 1,
    keys: keys.map(({ id, secret }) => ({
      id,
      secret: secret.toString('base64'),
    })),
  } satisfies z.input<typeof fileSchema>;
  const staging = `${file}.partial`;
  // One that was cut off holds keys, too.
  rmSync(staging, { force: true });
  try {
    writeFileSync(staging, `${JSON.stringify(content, undefined, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
      flush: true,
    });
    renameSync(staging, file);
  } catch (error) {
    rmSync(staging, { force: true });
    throw error;
  }
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function isWhole({ id, secret }: SealingKey): boolean {
  return secret.length === KEY_BYTES && sealingKey(secret).id === id;
}

function readPrivate(file: string): Buffer {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    // Not instanceof: Jest's realm has an Error of its own.
    if (
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ENOENT'
    )
      throw new KeyFileError(
        `${file} is not there, and what is encrypted cannot be read without it. Put the one of a backup back in its place, for its owner alone (chmod 600).`,
        { cause: error },
      );
    throw error;
  }
  try {
    const mode = fstatSync(handle).mode & 0o777;
    if ((mode & OTHERS) !== 0)
      throw new KeyFileError(
        `${file} is open to others than its owner (mode ${mode.toString(8).padStart(4, '0')}), so its keys may be known. Run: chmod 600 ${file} – then start again, and change the keys with ./sandboxed rotate-key.`,
      );
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

function parseJson(content: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}
