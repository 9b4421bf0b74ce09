import { lstat } from 'node:fs/promises';
import { DomainError } from '@sandboxed/domain';
import type { Directory } from './directory.ts';
import { ignoreMissing } from './errors.ts';
import { etagOf } from './etag.ts';

/** What has to be there for a write to be done: nothing, any file, or one of these tags. */
export type Precondition = 'new' | 'exists' | readonly string[];

/** Throws `precondition_failed` unless what has this name is what it has to be. */
export async function holdTo(
  precondition: Precondition,
  directory: Directory,
  name: string,
  shown: string,
): Promise<void> {
  const stats = await lstat(directory.at(name), { bigint: true }).catch(
    ignoreMissing,
  );
  if (precondition === 'new') {
    if (stats !== undefined) throw isThere(shown);
    return;
  }
  if (stats === undefined)
    throw failed(`There is no "${shown}" any more: it was not written.`);
  if (precondition !== 'exists' && !precondition.includes(etagOf(stats)))
    throw failed(
      `"${shown}" was changed meanwhile and was not written over. Read it again.`,
    );
}

/** What is thrown where a file was to be new. */
export function isThere(shown: string): DomainError {
  return failed(`"${shown}" is there already and was not written over.`);
}

function failed(message: string): DomainError {
  return new DomainError('precondition_failed', message);
}
