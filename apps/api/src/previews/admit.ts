import type { IncomingHttpHeaders } from 'node:http';
import {
  DomainError,
  isForeignUse,
  previewUrl,
  sessionCookie,
  splitCookies,
  splitPath,
} from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';
import type { Target } from '../wake/target.ts';
import type { PassSubject } from './passes.ts';

/** A request for a preview, as its visitor sent it. `path` with query. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What becomes of a visit: on to the app, or on to a clean address, with the session that a link gave. */
export type Admission =
  | { readonly kind: 'pass'; readonly cookie: string | undefined }
  | {
      readonly kind: 'enter';
      readonly location: string;
      readonly cookie: string | undefined;
    };

/**
 * Decides by link and session alone, whatever state the sandbox is in; changes nothing. Throws `unauthenticated` for who may not see a
 * private preview, `forbidden_origin` for what another sandbox's page asks of it.
 */
export function admit(
  deps: ApiDeps,
  { sandbox, port }: Target,
  { method, path, headers }: Visit,
): Admission {
  const { config, origin, passes } = deps;
  const now = deps.now();
  const cookies = splitCookies(headers.cookie, origin.scheme);
  const link = splitPath(path);
  const isRead = method === 'GET' || method === 'HEAD';
  const location = previewUrl(sandbox.id, port, origin) + link.clean;
  const pass = { kind: 'pass', cookie: cookies.rest } as const;
  if (sandbox.visibility === 'public')
    return link.passes.length > 0 && isRead
      ? { kind: 'enter', location, cookie: undefined }
      : pass;

  const subject: PassSubject = {
    id: sandbox.id,
    port,
    generation: sandbox.preview_generation,
  };
  const hasSession = cookies.passes.some(
    (each) => passes.read('session', subject, each, now) !== undefined,
  );
  if (link.passes.length > 0) {
    if (!isRead) throw noRight();
    for (const each of link.passes) {
      const until = passes.read('link', subject, each, now);
      if (until === undefined) continue;
      const cookie = sessionCookie({
        pass: passes.sign('session', subject, until),
        maxAgeSeconds: Math.ceil(until - now / 1_000),
        scheme: origin.scheme,
        framed: isFramed(deps, headers),
      });
      return { kind: 'enter', location, cookie };
    }
    if (!hasSession) throw noRight();
    return { kind: 'enter', location, cookie: undefined };
  }
  if (!hasSession) throw noRight();
  const source = {
    origin: headers.origin,
    site: text(headers['sec-fetch-site']),
    mode: text(headers['sec-fetch-mode']),
  };
  const { PREVIEW_DOMAIN, SANDBOXED_BUILDER_ORIGINS } = config;
  if (
    isForeignUse(source, sandbox.id, PREVIEW_DOMAIN, SANDBOXED_BUILDER_ORIGINS)
  )
    throw new DomainError(
      'forbidden_origin',
      'This private preview answers its own pages and those of SANDBOXED_BUILDER_ORIGINS, not those of other sites and sandboxes.',
    );
  return pass;
}

/** Who may frame what we answer ourselves; nothing is said where no builder is named. */
export function framing({
  config,
}: Pick<ApiDeps, 'config'>): Readonly<Record<string, string>> {
  const origins = config.SANDBOXED_BUILDER_ORIGINS;
  return origins.length === 0
    ? {}
    : {
        'Content-Security-Policy': `frame-ancestors 'self' ${origins.join(' ')}`,
      };
}

function noRight(): DomainError {
  return new DomainError(
    'unauthenticated',
    'This preview is private. Open it by a link from its owner; a link that has expired or was revoked has to be asked for again.',
  );
}

/** In a page of a builder, which may be another site. Browsers tell only where they trust the connection. */
function isFramed(
  { config, origin }: ApiDeps,
  headers: IncomingHttpHeaders,
): boolean {
  const isTrusted =
    origin.scheme === 'https' || /(^|\.)localhost$/.test(origin.domain);
  return (
    isTrusted &&
    config.SANDBOXED_BUILDER_ORIGINS.length > 0 &&
    /^(iframe|frame|embed|object)$/.test(text(headers['sec-fetch-dest']) ?? '')
  );
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
