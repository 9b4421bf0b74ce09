import type { SandboxedError } from '../errors.ts';
import { ConnectionError, errorOf } from '../errors.ts';
import type { components } from '../wire.ts';
import { retryAfter } from './backoff.ts';

type Problem = components['schemas']['Problem'];

/** The code of what stands between and has none, such as a proxy. */
export const NO_PROBLEM = 'no_problem_document';
const PASSING: readonly number[] = [429, 502, 503, 504];

/** The error that a refusing answer stands for. `now` in ms since the epoch. */
export async function refusalOf(
  response: Response,
  now: number,
): Promise<SandboxedError> {
  const problem = await problemOf(response);
  const { status, headers } = response;
  const requestId = problem?.request_id ?? headers.get('x-request-id');
  return errorOf(
    problem?.detail ?? `The API answered ${String(status)} without a reason.`,
    {
      code: problem?.code ?? NO_PROBLEM,
      status,
      retryable: problem?.retryable ?? PASSING.includes(status),
      retryAfterSeconds: retryAfter(headers.get('retry-after'), now),
      fields: problem?.errors ?? [],
      ...(requestId !== null && { requestId }),
      ...(problem?.quota !== undefined && { quota: problem.quota }),
    },
  );
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return isProblem(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}

/**
 * Whether the same call, made again in a moment, may be answered otherwise. A refusal of a call that is held tells how its job ended,
 * and would be the same again; so are the API's own 502 and 504.
 */
export function isPassing(error: SandboxedError, isHeld = false): boolean {
  if (error instanceof ConnectionError) return true;
  if (error.code === NO_PROBLEM) return PASSING.includes(error.status);
  if (error.status === 503)
    return !isHeld || error.code === 'store_unavailable';
  return error.status === 429;
}
