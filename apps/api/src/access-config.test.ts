import { hashOf, isOpen, refusal } from './access-config.ts';
import { apiConfigSchema } from './config.ts';

const SECRET = 'annannannannannann';
const read = (settings: Readonly<Record<string, string>>) =>
  apiConfigSchema.safeParse(settings);
const problems = (settings: Readonly<Record<string, string>>): string =>
  read(settings)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('\n') ?? '';

it('reads tokens with commas and lines between them, and keeps no secret', () => {
  const { data } = read({
    SANDBOXD_API_TOKENS: `ann:${SECRET}, ben=ben:ben=benbenbenben,\n cid:cidcidcidcidcidcid\n`,
  });
  expect(data?.SANDBOXD_API_TOKENS).toEqual([
    { name: 'ann', hash: hashOf(SECRET) },
    { name: 'ben', hash: hashOf('ben:ben=benbenbenben') },
    { name: 'cid', hash: hashOf('cidcidcidcidcidcid') },
  ]);
  expect(JSON.stringify(data)).not.toContain(SECRET);
});

it.each([
  ['a secret that is too short', 'ann:short-secret', /secret of "ann".*16/],
  ['a secret with a space', 'ann:annann annannannann', /secret of "ann"/],
  ['a secret beyond ASCII', 'ann:annannannannänn', /secret of "ann"/],
  ['a secret that is too long', `ann:${'a'.repeat(513)}`, /secret of "ann"/],
  ['no name', SECRET, /token 1 of 1 has no name/],
  ['an empty name', `:${SECRET}`, /has no name/],
  ['an odd name', `an n:${SECRET}`, /has no name/],
  ['a name twice', `ann:${SECRET},ann:benbenbenbenbenben`, /"ann".*twice/],
  ['a secret twice', `ann:${SECRET},ben:${SECRET}`, /"ben".*another token/],
  ['nothing but commas', ' , ,\n', /holds no token/],
])(
  'refuses %s, naming the setting and not the secret',
  (_what, text, words) => {
    const said = problems({ SANDBOXD_API_TOKENS: text });
    expect(said).toMatch(/^SANDBOXD_API_TOKENS: /);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/annann|benben|short-secret/);
  },
);

it('asks for tokens as soon as there are any, whatever the other setting says', () => {
  const TOKENS = { SANDBOXD_API_TOKENS: `ann:${SECRET}` };
  const opens = (settings: Readonly<Record<string, string>>) =>
    isOpen(apiConfigSchema.parse(settings));
  expect(opens({})).toBe(true);
  expect(opens({ SANDBOXD_API_AUTH_DISABLED: 'true' })).toBe(true);
  expect(opens(TOKENS)).toBe(false);
  expect(opens({ ...TOKENS, SANDBOXD_API_AUTH_DISABLED: 'true' })).toBe(false);
  expect(opens({ ...TOKENS, SANDBOXD_API_AUTH_DISABLED: 'false' })).toBe(false);
});

it.each([
  '0.0.0.0:9090',
  '[::]:9090',
  '192.0.2.1:9090',
  '9090',
  ':9090',
  '127.0.0.1.example.org:9090',
  '[::1%eth0]:9090',
])('is open on loopback alone: not on %s', (bind) => {
  expect(problems({ SANDBOXED_API_BIND: bind })).toContain(
    `SANDBOXD_API_TOKENS: is empty and SANDBOXED_API_BIND=${bind} publishes the API beyond this host`,
  );
  const TOKENS = { SANDBOXD_API_TOKENS: `ann:${SECRET}` };
  expect(problems({ ...TOKENS, SANDBOXED_API_BIND: bind })).toBe('');
});

it.each(['127.0.0.1:9090', '127.1.2.3:80', 'localhost:9090', '[::1]:9090'])(
  'may be open on %s',
  (bind) => {
    expect(problems({ SANDBOXED_API_BIND: bind })).toBe('');
  },
);

it('listens on loopback unless it is told otherwise, whatever is published', () => {
  expect(apiConfigSchema.parse({}).SANDBOXED_LISTEN_HOST).toBe('127.0.0.1');
});

it('does not start closed to everybody', () => {
  expect(problems({ SANDBOXD_API_AUTH_DISABLED: 'false' })).toMatch(
    /^SANDBOXD_API_TOKENS: is empty.*nobody could call/,
  );
  expect(
    refusal({
      SANDBOXD_API_AUTH_DISABLED: true,
      SANDBOXD_API_TOKENS: [],
      SANDBOXED_API_BIND: '127.0.0.1:1',
    }),
  ).toBeUndefined();
});
