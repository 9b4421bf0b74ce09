import type { FilePath, Imported } from '@sandboxed/domain';
import { DomainError, filePathSchema } from '@sandboxed/domain';
import { tooLarge } from './errors.ts';
import { staysInside } from './inner-link.ts';
import { KeptDirectory } from './kept-directory.ts';
import type { Bytes } from './place.ts';
import { placeFile, placeLink } from './place.ts';
import type { TarEntry } from './tar/read-tar.ts';
import { readTar } from './tar/read-tar.ts';
import { unzipped } from './tar/unzip.ts';
import { locate } from './walk.ts';

const MAX_ENTRIES = 50_000;
/** The tenant can read and write what is unpacked, whatever the archive says. */
const OWNER_RIGHTS = 0o600;

const KINDS: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  S: 'a sparse file',
};

/**
 * Unpacks a tar file, plain or compressed with gzip, into the app directory; files there are replaced, each in one step.
 * Entries before the first bad one stay. Throws `invalid_request` for a damaged archive and for absolute paths, `..`, NUL,
 * links that lead out, hard links, devices and pipes; `body_too_large` beyond 50,000 entries or `maxBytes` unpacked;
 * `file_conflict`, `disk_full`, and what `archive` throws.
 */
export async function importTree(
  home: string,
  archive: Bytes,
  {
    maxBytes,
    exceeded = () => tooLarge('The unpacked archive', maxBytes),
  }: {
    readonly maxBytes: number;
    /** What it throws beyond `maxBytes`, if not `body_too_large`. */
    readonly exceeded?: () => DomainError;
  },
): Promise<Imported> {
  let count = 0;
  let files = 0;
  let bytes = 0;
  await using kept = new KeptDirectory(home);
  await kept.ensure([]);
  for await (const entry of readTar(
    bounded(unzipped(archive), maxBytes, exceeded),
  )) {
    count += 1;
    if (count > MAX_ENTRIES)
      throw new DomainError(
        'body_too_large',
        `The archive has more than ${MAX_ENTRIES} entries.`,
      );
    const path = pathOf(entry);
    if (entry.type === '5') {
      await kept.ensure(path);
      continue;
    }
    await place(kept, path, entry);
    files += 1;
    bytes += entry.type === '0' ? entry.size : 0;
  }
  return { files, bytes };
}

async function* bounded(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  exceeded: () => DomainError,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw exceeded();
    yield chunk;
  }
}

async function place(
  kept: KeptDirectory,
  path: FilePath,
  { type, mode, link, content }: TarEntry,
): Promise<void> {
  const { parent, name, shown } = locate(path);
  if (type === '0') {
    const directory = await kept.ensure(parent);
    const rights = (mode & 0o777) | OWNER_RIGHTS;
    await placeFile(directory, name, shown, content, { mode: rights });
  } else if (type === '2' && staysInside(parent, link)) {
    const directory = await kept.ensure(parent);
    await placeLink(directory, name, shown, link);
  } else {
    const what =
      type === '2'
        ? 'a link that leads out'
        : (KINDS[type] ?? 'of no known kind');
    throw refused(shown, `is ${what}`);
  }
}

/** Archives write `./a` and `a/`, which paths of calls may not. */
function pathOf({ path }: TarEntry): FilePath {
  const plain = path.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  const parsed = filePathSchema.safeParse(path.startsWith('/') ? path : plain);
  if (parsed.success) return parsed.data;
  throw refused(
    path.slice(0, 256),
    parsed.error.issues[0]?.message ?? 'is no valid path',
  );
}

function refused(shown: string, why: string): DomainError {
  return new DomainError(
    'invalid_request',
    `The archive holds an entry that is not taken: ${JSON.stringify(shown)} ${why}.`,
  );
}
