import { workerConfigSchema } from './config.ts';
import { sandboxEnvironment } from './sandbox-environment.ts';

const environmentOf = (settings: Record<string, string>) =>
  sandboxEnvironment(workerConfigSchema.parse(settings));

describe('the environment that a host gives to its sandboxes', () => {
  it('tells development servers the host names of previews, and nothing else by default', () => {
    expect(environmentOf({ PREVIEW_DOMAIN: 'example.org' })).toEqual({
      SANDBOXED_PREVIEW_DOMAIN: 'example.org',
      __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: '.preview.example.org',
    });
  });

  it('names the package indexes to every package manager', () => {
    expect(
      environmentOf({
        SANDBOXED_NPM_REGISTRY: 'http://npm.example.org:4873/',
        SANDBOXED_PIP_INDEX_URL: 'https://pip.example.org/simple',
      }),
    ).toMatchObject({
      NPM_CONFIG_REGISTRY: 'http://npm.example.org:4873/',
      YARN_NPM_REGISTRY_SERVER: 'http://npm.example.org:4873/',
      PIP_INDEX_URL: 'https://pip.example.org/simple',
      UV_DEFAULT_INDEX: 'https://pip.example.org/simple',
    });
  });

  it('points every program at the one file with all authorities when the host names extra ones', () => {
    const file = '/opt/sandboxed/ca-certificates.crt';
    expect(
      environmentOf({ SANDBOXED_EXTRA_CA: '/etc/proxy.pem' }),
    ).toMatchObject({
      SSL_CERT_FILE: file,
      CURL_CA_BUNDLE: file,
      GIT_SSL_CAINFO: file,
      NODE_EXTRA_CA_CERTS: file,
      PIP_CERT: file,
      REQUESTS_CA_BUNDLE: file,
    });
  });

  it.each([
    'https://user:secret@npm.example.org/',
    'file:///etc/passwd',
    'npm',
  ])('takes no address with a password or of another kind: %s', (address) => {
    expect(
      workerConfigSchema.safeParse({ SANDBOXED_NPM_REGISTRY: address }).success,
    ).toBe(false);
  });
});
