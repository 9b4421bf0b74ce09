import { isUtf8 } from 'node:buffer';

/** The text of UTF-8 bytes, or undefined when they are something else. */
export function utf8(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
