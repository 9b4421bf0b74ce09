import type { SandboxId } from './ids.ts';
import { parseSandboxId } from './ids.ts';
import { portSchema } from './sandbox.ts';

/** Where previews are reached from outside; `port` is left out of URLs when it is the scheme's own. */
export interface PreviewOrigin {
  readonly domain: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** `s-<id>-<port>.preview.<domain>`, the id in lower case as browsers send it. */
export function previewHost(
  id: SandboxId,
  port: number,
  domain: string,
): string {
  return `s-${id.toLowerCase()}-${String(port)}.preview.${domain}`;
}

/** The address a person opens, with scheme and published port. */
export function previewUrl(
  id: SandboxId,
  port: number,
  origin: PreviewOrigin,
): string {
  const usual = origin.scheme === 'https' ? 443 : 80;
  const suffix = origin.port === usual ? '' : `:${String(origin.port)}`;
  return `${origin.scheme}://${previewHost(id, port, origin.domain)}${suffix}`;
}

/** What a Host header names, or undefined when it is no preview host of `domain`. Case and port are ignored. */
export function parsePreviewHost(
  host: string,
  domain: string,
): { readonly id: SandboxId; readonly port: number } | undefined {
  const bare = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
  const suffix = `.preview.${domain.toLowerCase()}`;
  if (!bare.endsWith(suffix)) return undefined;
  const match = /^s-([0-9a-z]{26})-([1-9][0-9]{0,4})$/.exec(
    bare.slice(0, -suffix.length),
  );
  if (match?.[1] === undefined) return undefined;
  const id = parseSandboxId(match[1]);
  const port = portSchema.safeParse(Number(match[2]));
  return id === undefined || !port.success
    ? undefined
    : { id, port: port.data };
}
