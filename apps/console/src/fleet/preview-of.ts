import type { Listed } from './read-fleet.ts';

/** Where its app can be opened by a plain link; a visit wakes it. Private ones need a signed link, which its page makes. */
export function previewOf({
  ports: [first],
  preview_urls,
  visibility,
  status,
}: Pick<Listed, 'ports' | 'preview_urls' | 'visibility' | 'status'>):
  string | undefined {
  if (visibility === 'private') return undefined;
  if (status !== 'running' && status !== 'stopped') return undefined;
  const url = preview_urls[String(first)];
  return url !== undefined && /^https?:\/\//.test(url) ? url : undefined;
}
