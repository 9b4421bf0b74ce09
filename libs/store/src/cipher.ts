import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DomainError } from '@sandboxed/domain';
import type { KeyRing } from './key-ring.ts';
import type { Place } from './sealed-columns.ts';
import type { SealingKey } from './sealing-key.ts';

/** The first byte of a sealed value: how the rest is to be read. */
const FORMAT = {
  /** Nonce, tag, text; of which key is not said. Only values from before keys had ids. */
  first: 0,
  /** Key id, nonce, tag, text. */
  withKeyId: 1,
} as const;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts JSON values at rest. */
export interface Cipher {
  /** With the current key. Throws outside a transaction: a rotation relies on it that no value with an old key is written later. */
  seal(value: unknown, place: Place): Buffer;
  /** Throws `secret_unreadable` when no key fits, the value was damaged, or it is that of another place. */
  open(sealed: Buffer, place: Place): unknown;
}

/** AES-256-GCM with a random nonce per value, bound to its place. `isWriting` tells whether a transaction that writes is open. */
export function createCipher(keys: KeyRing, isWriting: () => boolean): Cipher {
  return {
    seal(value, place) {
      if (!isWriting()) throw new Error('sealing needs a transaction');
      const key = keys.current();
      const header = headerOf(key);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key.secret, nonce);
      cipher.setAAD(boundTo(header, place));
      const text = Buffer.concat([
        cipher.update(JSON.stringify(value), 'utf8'),
        cipher.final(),
      ]);
      return Buffer.concat([header, nonce, cipher.getAuthTag(), text]);
    },

    open(sealed, place) {
      const { firstContext } = place.column;
      if (sealed[0] === FORMAT.first && firstContext !== undefined) {
        const context = Buffer.from(firstContext(place.key));
        for (const key of keys.all()) {
          const text = decrypt(sealed.subarray(1), key, context);
          if (text !== undefined) return parsed(text);
        }
        throw unreadable(place, 'none of the keys fits');
      }
      if (sealed[0] !== FORMAT.withKeyId)
        throw unreadable(place, 'it is damaged, or of a newer version');
      const header = sealed.subarray(0, 1 + KEY_ID_BYTES);
      const id = header.subarray(1).toString('hex');
      const key = keys.find(id);
      if (key === undefined)
        throw unreadable(place, `its key ${id} is not in secret.key`);
      const text = decrypt(
        sealed.subarray(header.length),
        key,
        boundTo(header, place),
      );
      if (text === undefined)
        throw unreadable(place, 'it was changed, or is that of another row');
      return parsed(text);
    },
  };
}

/** What every value that is sealed with this key begins with. */
export function headerOf({ id }: SealingKey): Buffer {
  return Buffer.concat([Buffer.of(FORMAT.withKeyId), Buffer.from(id, 'hex')]);
}

/** The id of the key that a value with this header was sealed with; undefined where it does not say. */
export function keyIdOf(header: Buffer): string | undefined {
  return header[0] === FORMAT.withKeyId
    ? header.subarray(1, 1 + KEY_ID_BYTES).toString('hex')
    : undefined;
}

function boundTo(header: Buffer, { column, key }: Place): Buffer {
  const place = JSON.stringify([column.table, column.column, ...key]);
  return Buffer.concat([header, Buffer.from(place)]);
}

function decrypt(
  sealed: Buffer,
  { secret }: SealingKey,
  context: Buffer,
): Buffer | undefined {
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      secret,
      sealed.subarray(0, NONCE_BYTES),
      { authTagLength: TAG_BYTES },
    );
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    // Too short, or not authentic: in either case not a value of this key and place.
    return undefined;
  }
}

function parsed(text: Buffer): unknown {
  const value: unknown = JSON.parse(text.toString('utf8'));
  return value;
}

function unreadable({ column, owner }: Place, why: string): DomainError {
  return new DomainError(
    'secret_unreadable',
    `The ${column.holds} of ${owner} cannot be decrypted: ${why}. Put the secret.key that belongs to this database back into the data directory (a backup has it), or ${column.remedy}.`,
  );
}
