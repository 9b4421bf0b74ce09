import type { IncomingMessage, ServerResponse } from 'node:http';
import { GATE_HEADER, GUARD_HEADER } from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';
import { targetOf } from '../wake/target.ts';
import type { Admission, Visit } from './admit.ts';
import { admit, framing } from './admit.ts';

/** Path of `preview-guard` in traefik/dynamic/wake.yaml. */
const GUARD_PATH = '/guard';

/**
 * Whether Traefik itself asks. It names the listener's own address; what it passes on from visitors names a preview, or its rules would
 * not have led here.
 */
export function isGuardQuestion({ url, headers }: IncomingMessage): boolean {
  return (
    url === GUARD_PATH && /^127\.0\.0\.1(:\d{1,5})?$/.test(headers.host ?? '')
  );
}

/** The visit that Traefik asks about. */
export function visitAskedAbout({ headers }: IncomingMessage): Visit {
  const one = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    method: one('x-forwarded-method'),
    path: one('x-forwarded-uri'),
    headers: { ...headers, host: one('x-forwarded-host') },
  };
}

/** Answers Traefik: 200 with the app's cookies, or what the visitor gets instead. Throws what {@link admit} and `targetOf` throw. */
export function answerGuard(
  deps: ApiDeps,
  visit: Visit,
  response: ServerResponse,
): void {
  if (visit.headers[GATE_HEADER] !== undefined) {
    response
      .writeHead(401, {
        [GATE_HEADER]: String(visit.headers[GUARD_HEADER] ?? 'guarded'),
        'Content-Length': '0',
      })
      .end();
    return;
  }
  const target = targetOf(deps, visit.headers.host ?? '');
  const admission = admit(deps, target, visit);
  if (admission.kind === 'enter') {
    enter(deps, admission, response);
    return;
  }
  const { cookie } = admission;
  response
    .writeHead(200, {
      ...(cookie !== undefined && { Cookie: cookie }),
      'Content-Length': '0',
    })
    .end();
}

/** Sends a visitor on to the clean address, with the session. */
export function enter(
  deps: ApiDeps,
  { location, cookie }: Extract<Admission, { kind: 'enter' }>,
  response: ServerResponse,
): void {
  response
    .writeHead(303, {
      Location: location,
      ...(cookie !== undefined && { 'Set-Cookie': cookie }),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'Content-Length': '0',
      ...framing(deps),
    })
    .end();
}
