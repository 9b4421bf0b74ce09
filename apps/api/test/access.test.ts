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
