import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ERROR_CODES, RETRYABLE } from '@sandboxed/domain';
import { z } from 'zod';

/** An answer, or a connection that ended without one. */
export type Outcome =
  | { readonly answered: true; readonly answer: Answer }
  | { readonly answered: false; readonly why: string };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller hangs up then. */
  readonly withinMs: number;
}

/** One request. Never rejects. */
export async function call(asked: Request): Promise<Outcome> {
  try {
    return { answered: true, answer: await send(asked) };
  } catch (error) {
    const why =
      error instanceof Error
        ? 'code' in error
          ? String(error.code)
          : error.message
        : 'failed';
    return { answered: false, why };
  }
}

function send({
  method,
  url,
  body,
  headers = {},
  withinMs,
}: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: {
        ...(body !== undefined && {
          'content-length': String(Buffer.byteLength(body)),
        }),
        ...headers,
      },
      signal: AbortSignal.timeout(withinMs),
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      text(response).then((raw) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [
              name,
              String(value),
            ]),
          ),
          body: parse(response.headers['content-type'] ?? '', raw),
        });
      }, reject);
    });
    outgoing.end(body);
  });
}

function parse(type: string, raw: string): unknown {
  if (!type.includes('json')) return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

const problemSchema = z.object({
  status: z.int(),
  code: z.enum(ERROR_CODES),
  detail: z.string(),
  retryable: z.boolean(),
});

/** The code of a refusal; undefined for a success. */
export function codeOf({ status, body }: Answer): string | undefined {
  if (status < 400) return undefined;
  return problemSchema.safeParse(body).data?.code;
}

/** What is wrong with an answer of the API whatever was asked: only successes and documented problems are answers. */
export function answerFault({ status, headers, body }: Answer) {
  if (status >= 200 && status < 300) return undefined;
  const problem = problemSchema.safeParse(body).data;
  if (problem === undefined || status < 400)
    return `${status} without a problem: ${JSON.stringify(body).slice(0, 200)}`;
  if (problem.code === 'internal') return `internal: ${problem.detail}`;
  if (
    problem.status !== status ||
    problem.retryable !== RETRYABLE[problem.code]
  )
    return `${status} with the problem ${JSON.stringify(problem)}`;
  if (headers['x-request-id'] === undefined) return `${status} without an id`;
  return undefined;
}
