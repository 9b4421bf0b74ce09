import type { ErrorCode } from '@sandboxed/domain';
import { ERROR_CODES, RETRYABLE } from '@sandboxed/domain';
import { STATUS } from '../http/problem.ts';
import { isMetered } from '../http/quota.ts';
import type { Route } from '../http/route.ts';

const SECONDS = {
  description: 'Seconds after which to try again.',
  schema: { type: 'integer' },
};

/** The statuses that a route may refuse a call with, by what the call consists of. */
export function refusals(route: Route, path: string): readonly number[] {
  const changes = route.method !== 'get';
  return [
    ...[400, 431, 500, 503],
    ...(route.open === true ? [] : [401, 403]),
    ...(isMetered(route) ? [429] : []),
    ...(path.includes('{') ? [404, 409, 502, 504] : []),
    ...(changes ? [409, 413, 422, 507] : []),
    ...(changes && route.tagged === true ? [412] : []),
    ...(route.rawAnswer?.some((type) => !type.startsWith('text/')) === true
      ? [416]
      : []),
  ];
}

/** The name of a status's answer in the document. */
export const refusalName = (status: number): string =>
  `Refused${String(status)}`;

/** An answer for each status that refuses, with the codes it is given for. */
export function refusalAnswers(): Readonly<Record<string, object>> {
  const statuses = [...new Set(Object.values(STATUS))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [refusalName(status), refusalAnswer(status)]),
  );
}

function refusalAnswer(status: number): object {
  const codes = ERROR_CODES.filter((code) => STATUS[code] === status);
  return {
    description: `Codes: ${codes.map((code) => `\`${code}\`${RETRYABLE[code] ? ' (worth another try)' : ''}`).join(', ')}.`,
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...([409, 429, 503].includes(status) && { 'Retry-After': SECONDS }),
    },
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          codes.map((code) => [code, { value: problemExample(code) }]),
        ),
      },
    },
  };
}

function problemExample(code: ErrorCode): object {
  return {
    type: `urn:sandboxed:problem:${code}`,
    title: code.replaceAll('_', ' '),
    status: STATUS[code],
    detail: 'What went wrong, in a sentence for people.',
    code,
    retryable: RETRYABLE[code],
    request_id: '01M3H5W3QMZJ9V1K0TT5X7BD2G',
    ...(code === 'invalid_request' && {
      errors: [
        { path: '/ports/0', message: 'Too big: expected number to be <=65535' },
      ],
    }),
    ...(code === 'quota_exceeded' && {
      quota: { name: 'sandboxes', used: 10, limit: 10 },
    }),
  };
}
