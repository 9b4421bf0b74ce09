import type { SandboxId } from './ids.ts';
import { parsePreviewHost } from './preview.ts';

/** How long a link to a private preview, and the session that comes of it, may last. Seconds. */
export const PREVIEW_LINK_SECONDS = {
  min: 1,
  usual: 3_600,
  max: 7 * 86_400,
} as const;

/** Parameter of a preview's URL that holds the pass of a link. No app ever sees it. */
export const PASS_PARAMETER = 'sandboxed_preview';

const PLAIN_COOKIE = 'sandboxed-preview';
/** Browsers take a cookie of this prefix from the very host alone, and over a secure connection. */
const HOST_COOKIE = '__Host-sandboxed-preview';

/**
 * A neighbour under the same domain can add cookies of the session's name where there is no TLS: more than a browser keeps of a site.
 * With TLS nobody can, a browser has two (one for frames), and each that is read costs time that strangers could waste.
 */
const MAX_COOKIES = { http: 256, https: 4 } as const;
const MAX_LINKS = 4;

type Scheme = 'http' | 'https';

/** A `Cookie` header taken apart. */
export interface SplitCookies {
  /** Values of the session's cookies, as sent and bounded in number; at most one of them is ours. */
  readonly passes: readonly string[];
  /** The header for the app; undefined when nothing is left. */
  readonly rest: string | undefined;
}

/** Takes the session's cookies out of a `Cookie` header, whatever their case, and leaves the others as they are. */
export function splitCookies(
  header: string | undefined,
  scheme: Scheme,
): SplitCookies {
  const name = scheme === 'https' ? HOST_COOKIE : PLAIN_COOKIE;
  const passes: string[] = [];
  const rest: string[] = [];
  for (const part of (header ?? '').split(';')) {
    const pair = part.trim();
    const at = pair.indexOf('=');
    const key = (at === -1 ? pair : pair.slice(0, at)).trim();
    const lower = key.toLowerCase();
    if (lower !== PLAIN_COOKIE && lower !== HOST_COOKIE.toLowerCase()) {
      if (pair !== '') rest.push(pair);
      continue;
    }
    if (key === name && passes.length < MAX_COOKIES[scheme])
      passes.push(pair.slice(at + 1).trim());
  }
  return { passes, rest: rest.length === 0 ? undefined : rest.join('; ') };
}

/** A request's path and query taken apart. */
export interface SplitPath {
  /** Passes in the query, bounded in number. Empty only when the parameter is not there at all. */
  readonly passes: readonly string[];
  /** Path and query without them. */
  readonly clean: string;
}

/** Takes the pass of a link out of a path with query; other parameters stay as they were written. */
export function splitPath(path: string): SplitPath {
  const at = path.indexOf('?');
  if (at === -1) return { passes: [], clean: path };
  const passes: string[] = [];
  const rest: string[] = [];
  for (const part of path.slice(at + 1).split('&')) {
    const [[name, value] = ['', '']] = new URLSearchParams(part);
    if (name !== PASS_PARAMETER) rest.push(part);
    else if (passes.length < MAX_LINKS) passes.push(value);
  }
  const query = rest.join('&');
  const clean = path.slice(0, at) + (query === '' ? '' : `?${query}`);
  return passes.length === 0 ? { passes, clean: path } : { passes, clean };
}

/**
 * `Set-Cookie` of a preview's session, for its host alone. `framed`: for a frame in a page of another site, for which browsers keep
 * a jar of its own and only over a secure connection, as which they count http on localhost.
 */
export function sessionCookie(options: {
  readonly pass: string;
  readonly maxAgeSeconds: number;
  readonly scheme: Scheme;
  readonly framed: boolean;
}): string {
  const { pass, maxAgeSeconds, scheme, framed } = options;
  const secure = scheme === 'https';
  return [
    `${secure ? HOST_COOKIE : PLAIN_COOKIE}=${pass}`,
    'Path=/',
    `Max-Age=${String(maxAgeSeconds)}`,
    'HttpOnly',
    ...(secure || framed ? ['Secure'] : []),
    ...(framed ? ['SameSite=None', 'Partitioned'] : ['SameSite=Lax']),
  ].join('; ');
}

/** What a browser says of where a request comes from, header by header. */
export interface RequestSource {
  readonly origin?: string | undefined;
  readonly site?: string | undefined;
  readonly mode?: string | undefined;
}

/**
 * Whether a page that is neither the sandbox's own nor of an allowed origin makes the request: previews of different sandboxes are one
 * site, so browsers send a session along with what another sandbox's page asks for. Opening a page is no such use.
 */
export function isForeignUse(
  { origin, site, mode }: RequestSource,
  id: SandboxId,
  domain: string,
  allowedOrigins: readonly string[],
): boolean {
  const isWithin =
    site === undefined || site === 'same-origin' || site === 'none';
  if (origin === undefined) return !isWithin && mode !== 'navigate';
  // Of a page without an origin, or one that hides it.
  if (origin === 'null') return !isWithin;
  const host = origin.replace(/^https?:\/\//, '');
  const isOwn = parsePreviewHost(host, domain)?.id === id;
  return !isOwn && !allowedOrigins.includes(origin);
}
