import type { DiskUse, SandboxRecord } from '@sandboxed/domain';
import {
  diskFull,
  diskLimit,
  DomainError,
  roomOnDisk,
} from '@sandboxed/domain';
import type { IncomingMessage } from 'node:http';
import type { ApiDeps } from './route.ts';

/** What one entry takes on the disk at least, beside its bytes. */
const ENTRY_BYTES = 4_096;
/** The reaper reads the host's room every 5 s; an older reading says nothing of now. Milliseconds. */
const STALE_MS = 60_000;
export const NOTHING: DiskUse = { bytes: 0, files: 0 };

/** What a sandbox may still write through the API. */
export interface DiskRoom {
  readonly bytes: number;
  /** What a write is refused with that does not fit. */
  readonly full: () => DomainError;
}

/** Room as last measured, less what was written since. Throws `disk_full` when there is none. */
export function diskRoom(
  { store }: Pick<ApiDeps, 'store'>,
  { id, limits }: SandboxRecord,
): DiskRoom {
  const use = store.disk.get(id) ?? NOTHING;
  const limit = diskLimit(limits);
  return { bytes: roomOnDisk(use, limit), full: () => diskFull(use, limit) };
}

/**
 * Throws `disk_full` while the host itself is short: a sandbox that sleeps can be written to as well, and there is nothing of it that
 * could be stopped.
 */
export function refuseWhenShort({
  store,
  now,
}: Pick<ApiDeps, 'store' | 'now'>): void {
  const space = store.disk.space();
  if (space === undefined || space.shortSince === null) return;
  // From a reaper that is down: it would not tell either that there is room again.
  if (Math.abs(now() - space.at) > STALE_MS) return;
  throw new DomainError(
    'disk_full',
    'The host is short of disk, and takes no files until it has room again. Remove files, or tell an administrator of this installation.',
    { retryAfterSeconds: 30 },
  );
}

/** Notes what was written, until it is measured: many small writes do not fit either. */
export function noteWritten(
  { store, now }: Pick<ApiDeps, 'store' | 'now'>,
  { id }: SandboxRecord,
  { bytes, files }: DiskUse,
): void {
  const written = { bytes: bytes + files * ENTRY_BYTES, files };
  store.disk.add(id, written, now());
}

/** The body, refused by its length or where it passes the room. */
export async function* withinRoom(
  request: IncomingMessage,
  body: AsyncIterable<Uint8Array>,
  room: DiskRoom,
): AsyncGenerator<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > room.bytes)
    throw room.full();
  let left = room.bytes;
  for await (const chunk of body) {
    left -= chunk.length;
    if (left < 0) throw room.full();
    yield chunk;
  }
}
