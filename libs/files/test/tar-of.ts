import { encodeHeader, padding } from '../src/tar/header.ts';

/** One entry of a tar file that says whatever a test wants. */
export interface TestEntry {
  readonly path: string;
  readonly type?: string;
  readonly link?: string;
  readonly data?: Buffer;
}

/** A tar file of these entries. */
export function tarOf(...entries: readonly TestEntry[]): Buffer {
  const blocks = entries.flatMap(
    ({ path, type = '0', link = '', data = Buffer.from('data') }) => {
      const content = type === '0' ? data : Buffer.alloc(0);
      return [
        encodeHeader({
          path,
          type,
          link,
          size: content.length,
          mode: 0o644,
          modifiedAtSeconds: 0,
        }),
        content,
        Buffer.alloc(padding(content.length)),
      ];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
