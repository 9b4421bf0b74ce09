import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts JSON values at rest. `context` binds a sealed value to its row: it opens nowhere else. */
export interface Cipher {
  seal(value: unknown, context: string): Buffer;
  /** Throws when the key, the context or a byte is wrong. */
  open(sealed: Buffer, context: string): unknown;
}

/** AES-256-GCM with a random nonce per value. `key` is 32 bytes. */
export function createCipher(key: Buffer): Cipher {
  return {
    seal(value, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([
        cipher.update(JSON.stringify(value), 'utf8'),
        cipher.final(),
      ]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, context) {
      const decipher = createDecipheriv(
        'aes-256-gcm',
        key,
        sealed.subarray(0, NONCE_BYTES),
        { authTagLength: TAG_BYTES },
      );
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(
        sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES),
      );
      const text = Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
      const value: unknown = JSON.parse(text.toString('utf8'));
      return value;
    },
  };
}

/** The installation's key, made at first use. Of several processes that start at once, one makes it and all read it. */
export function loadOrCreateKey(file: string): Buffer {
  const found = readKey(file);
  if (found !== undefined) return found;
  const staging = `${file}.${process.pid}.${Date.now()}`;
  writeFileSync(staging, randomBytes(32), { mode: 0o600, flag: 'wx' });
  try {
    // A link never replaces: the first one wins, and the file is whole when it appears.
    linkSync(staging, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(staging, { force: true });
  }
  const key = readKey(file);
  if (key === undefined) throw new Error(`${file} could not be made`);
  return key;
}

function readKey(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    if (key.length !== 32)
      throw new Error(
        `${file} does not hold 32 bytes. Restore it from a backup: without it the stored environments cannot be read.`,
      );
    return key;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  // Not instanceof: Jest's realm has an Error of its own.
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === code
  );
}
