import { DomainError } from '@sandboxed/domain';
import type { Precondition } from '@sandboxed/files';
import type { Request } from 'express';

const TAG = /^(?:W\/)?"[^"]*"$/;

/** What `If-Match` or `If-None-Match: *` asks to be so before a file is written. Throws `invalid_request` for what cannot be meant. */
export function preconditionOf(
  request: Pick<Request, 'get'>,
): Precondition | undefined {
  const match = request.get('if-match')?.trim();
  const noneMatch = request.get('if-none-match')?.trim();
  if (match !== undefined && noneMatch !== undefined)
    throw refused('if-none-match', 'cannot be together with If-Match');
  if (noneMatch !== undefined) {
    if (noneMatch === '*') return 'new';
    throw refused('if-none-match', 'must be * where a file is written');
  }
  if (match === undefined) return undefined;
  if (match === '*') return 'exists';
  const tags = match.split(',').map((tag) => tag.trim());
  if (tags.every((tag) => TAG.test(tag))) return tags;
  throw refused(
    'if-match',
    'must be *, or the ETag of the file as it was read',
  );
}

function refused(header: string, message: string): DomainError {
  return new DomainError(
    'invalid_request',
    'The request is not valid: see errors for the fields.',
    { fields: [{ path: `/headers/${header}`, message }] },
  );
}
