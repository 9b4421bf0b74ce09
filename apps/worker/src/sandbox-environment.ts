import { AUTHORITIES_FILE } from '@sandboxed/domain';
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
    ...(config.SANDBOXED_EXTRA_CA !== '' && trust(AUTHORITIES_FILE)),
    ...(npm !== '' && {
      NPM_CONFIG_REGISTRY: npm,
      YARN_NPM_REGISTRY_SERVER: npm,
    }),
    ...(pip !== '' && { PIP_INDEX_URL: pip, UV_DEFAULT_INDEX: pip }),
  };
}

/** Most of these replace what a program trusts by itself: the file must hold the usual authorities as well. */
function trust(file: string): Record<string, string> {
  return {
    SSL_CERT_FILE: file,
    CURL_CA_BUNDLE: file,
    GIT_SSL_CAINFO: file,
    NODE_EXTRA_CA_CERTS: file,
    PIP_CERT: file,
    REQUESTS_CA_BUNDLE: file,
  };
}
