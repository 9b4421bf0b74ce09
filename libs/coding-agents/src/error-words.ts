import { z } from 'zod';

/** What a provider or a program said about an error. */
export interface ErrorWords {
  readonly text: string;
  readonly status: number | undefined;
  /** More that only tells what kind of error it is: types, codes, the body of an answer. */
  readonly hints: string;
}

const text = z.string().optional().catch(undefined);
const number = z.int().optional().catch(undefined);
const errorSchema = z.object({
  name: text,
  message: text,
  type: text,
  code: text,
  status: number,
  statusCode: number,
  responseBody: text,
  data: z.unknown().optional(),
  error: z.unknown().optional(),
});

const DEPTH_MAX = 4;

/** Words of a string, or of an object that holds them under `message`, `data` or `error`. */
export function errorWords(value: unknown, depth = 0): ErrorWords {
  if (typeof value === 'string')
    return { text: value, status: statusIn(value), hints: '' };
  const parsed = errorSchema.safeParse(value);
  if (!parsed.success || depth > DEPTH_MAX)
    return { text: '', status: undefined, hints: '' };
  const { name, message, type, code, responseBody, data, error } = parsed.data;
  const inner = errorWords(data ?? error, depth + 1);
  const own = message ?? '';
  return {
    text: own === '' ? inner.text || (name ?? '') : own,
    status:
      parsed.data.statusCode ??
      parsed.data.status ??
      inner.status ??
      statusIn(own),
    hints: [name, type, code, responseBody, inner.hints, inner.text]
      .filter((hint) => hint !== undefined && hint !== '')
      .join(' '),
  };
}

/** The HTTP status that a text names as one. */
function statusIn(words: string): number | undefined {
  const found =
    /\b(?:status(?: code)?|HTTP(?:\/[\d.]+)?|API Error)\b[:\s]{1,3}([45]\d\d)\b/i.exec(
      words,
    )?.[1];
  return found === undefined ? undefined : Number(found);
}
