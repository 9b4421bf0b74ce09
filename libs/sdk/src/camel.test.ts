import { fromCamel, toCamel } from './camel.ts';

it('renames keys, but not those that are data', () => {
  const sent = {
    idle_timeout_seconds: 5,
    external: { user_id: 'u' },
    env: { MY_KEY: 'a', my_key: 'b' },
    labels: { team_name: 'web' },
    files: [{ modified_at: 'now' }],
    preview_urls: { '3000': 'http://x' },
    nothing: null,
  };
  const shown = toCamel(sent);
  expect(shown).toEqual({
    idleTimeoutSeconds: 5,
    external: { userId: 'u' },
    env: { MY_KEY: 'a', my_key: 'b' },
    labels: { team_name: 'web' },
    files: [{ modifiedAt: 'now' }],
    previewUrls: { '3000': 'http://x' },
    nothing: null,
  });
  expect(fromCamel<typeof sent>(shown)).toEqual(sent);
});
