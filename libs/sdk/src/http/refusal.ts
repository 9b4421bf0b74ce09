import type { SandboxedError } from '../errors.ts';
import { errorOf } from '../errors.ts';
import type { components } from '../wire.ts';
import { retryAfter } from './backoff.ts';

type Problem = components['schemas']['Problem'];

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
      // What stands between, such as a proxy, has no codes.
      code: problem?.code ?? 'no_problem_document',
      status,
      retryable: problem?.retryable ?? [429, 502, 503, 504].includes(status),
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
