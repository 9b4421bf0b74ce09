import { sendRaw } from './raw-http.ts';
import type { Answer } from './support.ts';
import { cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const SECRET = 'annannannannannann';
const TOKENS = {
  SANDBOXD_API_AUTH_DISABLED: 'false',
  SANDBOXD_API_TOKENS: `ann:${SECRET},ben=benbenbenbenbenben`,
};

it.each([
  ['no token', undefined],
  ['a wrong token', 'Bearer wrongwrongwrongwrong'],
  ['the beginning of a token', `Bearer ${SECRET.slice(0, -1)}`],
  ['more than a token', `Bearer ${SECRET}x`],
  ['an empty token', 'Bearer '],
  ['the name with the token', `Bearer ann:${SECRET}`],
  ['another scheme', `Basic ${SECRET}`],
])('refuses %s', async (_what, authorization) => {
  const deps = await world(TOKENS);
  const api = await listen(deps);
  const headers = authorization === undefined ? {} : { authorization };
  const answer: Answer = await api('POST /sandbox', {}, headers);
  expect([answer.status, answer.body['code']]).toEqual([
    401,
    'unauthenticated',
  ]);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  expect(deps.store.sandboxes.list({ limit: 1 }).items).toEqual([]);
});

const RIGHT = `Authorization: Bearer ${SECRET}`;

it.each<[string, readonly string[], number]>([
  ['the right one', [RIGHT], 200],
  ['the scheme in other letters', [`AUTHORIZATION: bEARER ${SECRET}`], 200],
  ['spaces after it, which are no part of it', [`${RIGHT}  `], 200],
  ['spaces inside', [`Authorization: Bearer ${SECRET} ${SECRET}`], 401],
  ['two spaces before it', [`Authorization: Bearer  ${SECRET}`], 401],
  ['a tab before it', [`Authorization: Bearer\t${SECRET}`], 401],
  ['no scheme', [`Authorization: ${SECRET}`], 401],
  ['two of it', [RIGHT, RIGHT], 401],
  ['a wrong one before it', ['Authorization: Bearer x', RIGHT], 401],
  ['a wrong one after it', [RIGHT, 'Authorization: Bearer x'], 401],
  ['another scheme before it', ['Authorization: Basic eDp4', RIGHT], 401],
  ['it in a list', [`${RIGHT}, Bearer x`], 401],
  ['letters beyond ASCII', [`${RIGHT}\u00e4`], 401],
  ['a NUL', [`${RIGHT}\0`], 400],
  ['12 kB', [`Authorization: Bearer ${SECRET.repeat(700)}`], 401],
  ['100 kB', [`Authorization: Bearer ${'a'.repeat(100_000)}`], 431],
  ['it as a cookie', [`Cookie: authorization=Bearer ${SECRET}`], 401],
  ['it for the proxy', [`Proxy-Authorization: Bearer ${SECRET}`], 401],
  ['it as a key of others', [`X-API-Key: ${SECRET}`], 401],
])('takes %s as it should', async (_what, headers, status) => {
  const { url } = await listen(await world(TOKENS));
  const request = ['GET /sandboxes HTTP/1.1', 'Host: x', ...headers];
  expect((await sendRaw(url, request)).status).toBe(status);
});

it('takes no token from an address, where logs would keep it', async () => {
  const api = await listen(await world(TOKENS));
  for (const name of ['token', 'access_token', 'api_key', 'authorization'])
    expect((await api(`GET /sandboxes?${name}=${SECRET}`)).status).toBe(401);
});

it('asks who calls before it reads what they send', async () => {
  const { url } = await listen(await world(TOKENS));
  const { status } = await sendRaw(url, [
    'POST /sandbox HTTP/1.1',
    'Host: x',
    'Content-Length: 1000000',
  ]);
  expect(status).toBe(401);
});

it('asks for tokens where there are some, also where auth is said to be off', async () => {
  const api = await listen(
    await world({ ...TOKENS, SANDBOXD_API_AUTH_DISABLED: 'true' }),
  );
  expect((await api('GET /sandboxes')).status).toBe(401);
});

it('notes whose token asked for a job', async () => {
  const deps = await world(TOKENS);
  const api = await listen(deps);
  for (const [name, secret] of [
    ['ann', SECRET],
    ['ben', 'benbenbenbenbenben'],
  ]) {
    await api('POST /sandbox', {}, { authorization: `bearer ${secret ?? ''}` });
    const [job] = deps.store.jobs.list({ limit: 1 }).items;
    expect(job?.requested_by).toBe(`api:${name ?? ''}`);
  }
});

it('needs no token to tell whether it is well', async () => {
  const api = await listen(await world(TOKENS));
  expect((await api('GET /healthz')).text).toBe('ok\n');
});

it('logs calls without their tokens, environments and input', async () => {
  const deps = await world(TOKENS);
  const api = await listen(deps);
  const headers = { authorization: `Bearer ${SECRET}` };
  const { body } = await api(
    'POST /sandbox',
    { env: { KEY: 'env-secret' } },
    headers,
  );
  await api(
    `POST /sandbox/${String(body['id'])}/exec`,
    { shell: 'cat', stdin: 'stdin-secret' },
    headers,
  );
  await api('GET /metrics', undefined, {
    authorization: 'Bearer mistyped-secret-here',
  });
  const log = deps.log.join('');
  expect(log).toContain('/sandbox');
  expect(log).not.toMatch(/annann|env-secret|stdin-secret|mistyped/);
});
