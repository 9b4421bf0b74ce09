const VERSION = /\/v\d+[a-z0-9]*$/i;

const trimmed = (url: string): string => url.trim().replace(/\/+$/, '');

/** A base URL with its version (`/v1` when it names none), as OpenAI's clients and OpenCode want it. */
export function withVersion(url: string): string {
  const base = trimmed(url);
  return VERSION.test(base) ? base : `${base}/v1`;
}

/** A base URL without `/v1`, as Anthropic's own clients want it. */
export const withoutVersion = (url: string): string =>
  trimmed(url).replace(/\/v1$/i, '');
