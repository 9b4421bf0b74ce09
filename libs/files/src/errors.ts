import { DomainError } from '@sandboxed/domain';

/** The errno name of a failed system call, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** For `catch`: something that is gone already is fine. */
export function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  throw error;
}

/** Links are never followed: whoever can make one could lead the api anywhere on the host. */
export function linkRefused(shown: string): DomainError {
  return new DomainError(
    'invalid_request',
    `"${shown}" is a link, and links are not followed here. Name the file or directory itself.`,
  );
}

export function conflict(shown: string, what: string): DomainError {
  return new DomainError('file_conflict', `"${shown}" ${what}.`);
}

function missing(shown: string): DomainError {
  return new DomainError(
    'file_not_found',
    `There is no "${shown}" in the app directory.`,
  );
}

export function tooLarge(what: string, maxBytes: number): DomainError {
  return new DomainError(
    'body_too_large',
    `${what} is larger than ${maxBytes} bytes.`,
  );
}

/** A failed system call in words; whatever the user cannot have caused comes back as it was. */
export function explain(error: unknown, shown: string): unknown {
  const errno = errnoOf(error) ?? '';
  switch (errno) {
    case 'ENOENT':
      return missing(shown);
    case 'ELOOP':
      return linkRefused(shown);
    case 'ENOTDIR':
      return conflict(shown, 'is not a directory');
    case 'EISDIR':
      return conflict(shown, 'is a directory');
    case 'ENOTEMPTY':
    case 'EEXIST':
      return conflict(shown, 'is in use: it was changed at the same time');
    case 'ENXIO':
      return conflict(shown, 'is neither a file nor a directory');
    case 'ENAMETOOLONG':
      return new DomainError('invalid_request', `"${shown}" is too long.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return new DomainError(
        'disk_full',
        `The disk is full: "${shown}" was not written. Remove files, then try again.`,
        { cause: error },
      );
    default:
      return error;
  }
}
