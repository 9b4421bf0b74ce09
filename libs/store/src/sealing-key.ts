import { createHash, randomBytes } from 'node:crypto';

/** Bytes of a key. */
export const KEY_BYTES = 32;

/** A key that values are sealed with. */
export interface SealingKey {
  /** Made from the key, so that two installations' keys are told apart: 8 hexadecimal digits. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/** A key with its id. */
export function sealingKey(secret: Buffer): SealingKey {
  if (secret.length !== KEY_BYTES)
    throw new Error(`a key has ${KEY_BYTES} bytes, this one ${secret.length}`);
  const id = createHash('sha256').update(secret).digest('hex').slice(0, 8);
  return { id, secret };
}

/** A key that was never there before. */
export function newKey(): SealingKey {
  return sealingKey(randomBytes(KEY_BYTES));
}
