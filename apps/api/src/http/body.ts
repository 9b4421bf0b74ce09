import { DomainError } from '@sandboxed/domain';
import type { z } from 'zod';
import { invalid } from './problem.ts';

/** The largest body of a call, files apart. */
export const MAX_BODY_BYTES = 1_048_576;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Raw bytes as JSON, whatever the content type says; nothing at all counts as `{}`. Throws `invalid_request`. */
export function parseJson(raw: unknown): unknown {
  if (!Buffer.isBuffer(raw) || raw.length === 0) return {};
  let text: string;
  try {
    text = decoder.decode(raw);
  } catch (error) {
    throw new DomainError('invalid_request', 'The body is not valid UTF-8.', {
      cause: error,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    // The parser's own words quote the body, which may hold secrets.
    throw new DomainError(
      'invalid_request',
      `The body is not valid JSON${positionIn(error)}.`,
    );
  }
}

function positionIn(error: unknown): string {
  const at = error instanceof Error && / at position (\d+)/.exec(error.message);
  return at ? ` at position ${at[1] ?? ''}` : '';
}

/** Parses by a schema; `where` is the part of the request for the paths of errors, empty for the body. Throws `invalid_request`. */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where = '',
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error, where);
  return parsed.data;
}
