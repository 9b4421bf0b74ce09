import { EXTRA_CA_MOUNT } from '@sandboxed/domain';
import type { WorkerConfig } from './config.ts';

/** Variables that every sandbox gets from the host's settings; a sandbox's own come after them. */
export function sandboxEnvironment(
  config: Pick<
    WorkerConfig,
    | 'PREVIEW_DOMAIN'
    | 'SANDBOXED_EXTRA_CA'
    | 'SANDBOXED_NPM_REGISTRY'
    | 'SANDBOXED_PIP_INDEX_URL'
  >,
): Record<string, string> {
  const npm = config.SANDBOXED_NPM_REGISTRY;
  const pip = config.SANDBOXED_PIP_INDEX_URL;
  return {
    SANDBOXED_PREVIEW_DOMAIN: config.PREVIEW_DOMAIN,
    // Vite answers no host name that it was not told of.
    __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: `.preview.${config.PREVIEW_DOMAIN}`,
    ...(config.SANDBOXED_EXTRA_CA !== '' && {
      NODE_EXTRA_CA_CERTS: EXTRA_CA_MOUNT,
    }),
    ...(npm !== '' && {
      NPM_CONFIG_REGISTRY: npm,
      YARN_NPM_REGISTRY_SERVER: npm,
    }),
    ...(pip !== '' && { PIP_INDEX_URL: pip, UV_DEFAULT_INDEX: pip }),
  };
}
