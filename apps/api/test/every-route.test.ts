import { z } from 'zod';
import type { Scope } from '@sandboxed/domain';
import { SCOPES } from '@sandboxed/domain';
import type { Api, World } from './support.ts';
import { cleanUp, listen, noSandbox, world } from './support.ts';

const ADMIN = 'adminadminadminadm';
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        security: z.array(z.unknown()).optional(),
        'x-required-scope': z.enum(SCOPES).optional(),
      }),
    ),
  ),
});

/** What has everything but the scope that is asked for, as far as that is possible. */
const TOO_LITTLE: Readonly<Record<Scope, readonly Scope[]>> = {
  metrics: ['write'],
  read: ['metrics'],
  write: ['metrics', 'read'],
  admin: ['metrics', 'write'],
};

let deps: World;
let api: Api;
let operations: readonly {
  readonly call: string;
  readonly scope: Scope | undefined;
}[];
beforeAll(async () => {
  deps = await world({ SANDBOXD_API_TOKENS: `admin:${ADMIN}` });
  api = await listen(deps);
  const { body } = await api('GET /openapi.json');
  operations = Object.entries(documentSchema.parse(body).paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        call: `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, noSandbox())}`,
        scope: operation['x-required-scope'],
      })),
  );
});
afterAll(cleanUp);

const asAdmin = { authorization: `Bearer ${ADMIN}` };

async function keyWith(scopes: readonly Scope[], more: object = {}) {
  const { body } = await api(
    'POST /v1/keys',
    { name: 'test', tenant: 'ann', scopes, ...more },
    asAdmin,
  );
  return {
    id: String(body['id']),
    authorization: `Bearer ${String(body['secret'])}`,
  };
}

/** Calls every operation that is not for anybody, and answers those that were not refused like this. */
async function notRefused(
  status: number,
  headersFor: (scope: Scope) => Readonly<Record<string, string>>,
): Promise<unknown[]> {
  const others: unknown[] = [];
  for (const { call, scope } of operations) {
    if (scope === undefined) continue;
    const answer = await api(call, undefined, headersFor(scope));
    if (answer.status !== status) others.push([call, answer.status]);
  }
  return others;
}

it('finds operations of every scope, and names those that need none', () => {
  const scopes = new Set(operations.map(({ scope }) => scope));
  expect(scopes).toEqual(new Set([...SCOPES, undefined]));
  expect(
    operations
      .filter(({ scope }) => scope === undefined)
      .map(({ call }) => call.replace(/[0-9A-Z]{26}$/, '{file}')),
  ).toEqual([
    'GET /healthz',
    'GET /readyz',
    'GET /llms.txt',
    'GET /AGENTS.md',
    'GET /',
    'GET /console/{file}',
    'GET /openapi.json',
    'GET /docs',
    'GET /docs/{file}',
  ]);
});

it('refuses every route without a token, with a wrong one, and with a key that never was', async () => {
  expect(await notRefused(401, () => ({}))).toEqual([]);
  const wrong = { authorization: `Bearer ${ADMIN}x` };
  expect(await notRefused(401, () => wrong)).toEqual([]);
  const never = { authorization: `Bearer sk_${'A'.repeat(43)}` };
  expect(await notRefused(401, () => never)).toEqual([]);
});

it('refuses every route with a revoked key and with one whose term is over, whatever they were for', async () => {
  const revoked = await keyWith(['admin']);
  await api(`DELETE /v1/keys/${revoked.id}`, undefined, asAdmin);
  const { authorization } = revoked;
  expect(await notRefused(401, () => ({ authorization }))).toEqual([]);
  const expired = await keyWith(['admin'], { expires_in_seconds: 60 });
  const { now } = deps;
  const late = await listen({ ...deps, now: () => now() + 60_000 });
  const headers = { authorization: expired.authorization };
  for (const { call, scope } of operations)
    if (scope !== undefined)
      expect([call, (await late(call, undefined, headers)).status]).toEqual([
        call,
        401,
      ]);
});

it('refuses every route to a key with all scopes but its own, and names that', async () => {
  for (const scope of SCOPES) {
    const { authorization } = await keyWith(TOO_LITTLE[scope]);
    const own = operations.filter((operation) => operation.scope === scope);
    expect(own).not.toEqual([]);
    for (const { call } of own) {
      const { status, body } = await api(call, undefined, { authorization });
      expect([call, status, body['code']]).toEqual([
        call,
        403,
        'forbidden_scope',
      ]);
      expect(body['detail']).toContain(`"${scope}"`);
    }
  }
});

it('refuses HEAD, a slash at the end and other letters just the same', async () => {
  for (const { call, scope } of operations) {
    if (scope === undefined) continue;
    const [method = '', path = ''] = call.split(' ');
    const calls = [`${method} ${path}/`, `${method} ${path.toUpperCase()}`];
    if (method === 'GET') calls.push(`HEAD ${path}`);
    for (const other of calls)
      expect([other, (await api(other)).status]).toEqual([other, 401]);
  }
});

it('did none of what it refused', () => {
  expect(deps.store.sandboxes.list({ limit: 1 }).items).toEqual([]);
  expect(deps.store.jobs.list({ limit: 1 }).items).toEqual([]);
});
