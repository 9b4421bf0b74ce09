import { randomBytes } from 'node:crypto';

/** What the secret of every API key begins with. */
export const KEY_START = 'sk_';
/** Characters after that by which a key is found and people tell keys apart: 48 of its 256 bits. */
const SHOWN = 8;

/** A new secret of an API key. */
export function newSecret(): string {
  return KEY_START + randomBytes(32).toString('base64url');
}

/** The part of a secret that is no secret. */
export function prefixOf(secret: string): string {
  return secret.slice(0, KEY_START.length + SHOWN);
}
