import { DomainError } from '@sandboxed/domain';

/** SQLite's codes for a disk that takes no more; the last ones are what its own shared memory and log files meet. */
const FULL =
  /^SQLITE_(FULL|IOERR_(WRITE|FSYNC|TRUNCATE|SHMSIZE|SHMOPEN|SHMMAP))$/;
const BUSY = /^SQLITE_(BUSY|LOCKED|PROTOCOL)/;

/**
 * What a database that cannot be written just now means: `disk_full` or `store_unavailable`. Nothing of the transaction is
 * written. Any other error comes back as it was.
 */
export function storeFailure(error: unknown): unknown {
  const code = codeOf(error);
  if (FULL.test(code))
    return new DomainError(
      'disk_full',
      'The disk of the data directory is full: nothing was changed. Free space on this host, then try again.',
      { cause: error, retryAfterSeconds: 30 },
    );
  if (BUSY.test(code))
    return new DomainError(
      'store_unavailable',
      'The database is held by another program: nothing was changed. Try again in a moment.',
      { cause: error, retryAfterSeconds: 2 },
    );
  return error;
}

/** Whether somebody else held the database. */
export function isBusy(error: unknown): boolean {
  return BUSY.test(codeOf(error));
}

/** By this: a bundle and a test's realm each have an Error of their own. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : '';
}

/** Whether the database could not be written, so that nobody can tell how any work ended. */
export function isStoreFailure(error: unknown): boolean {
  return storeFailure(error) !== error;
}
