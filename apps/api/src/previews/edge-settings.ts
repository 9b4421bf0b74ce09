import type { EdgeSettings } from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';

/** How Traefik serves previews: the same that workers derive from the same settings. */
export function edgeSettings(config: ApiDeps['config']): EdgeSettings {
  return {
    previewDomain: config.PREVIEW_DOMAIN,
    entrypoint: config.PREVIEW_ENTRYPOINT,
    tls: config.PREVIEW_TLS,
  };
}
