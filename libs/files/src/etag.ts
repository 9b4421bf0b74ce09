import type { BigIntStats } from 'node:fs';

/**
 * What a file's content is known by, quoted as HTTP has it: another one whenever the file is replaced or written to. Written in place to
 * the same length within one tick of the kernel's clock (some milliseconds), it stays.
 */
export function etagOf({
  ino,
  size,
  mtimeNs,
}: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>): string {
  return `"${[ino, size, mtimeNs].map((part) => part.toString(36)).join('-')}"`;
}
