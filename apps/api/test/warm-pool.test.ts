import type { SandboxId } from '@sandboxed/domain';
import { defaultPoolSpec, poolKey, sandboxIdSchema } from '@sandboxed/domain';
import { ulid } from 'ulid';
import type { World } from './support.ts';
import { cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const ON = { SANDBOXED_WARM_POOL: '2', SANDBOXED_IMAGES_ALLOWED: 'other' };
const GENERATION = 77;

function member({ store, config }: World): SandboxId {
  const id = sandboxIdSchema.parse(ulid());
  const key = poolKey(defaultPoolSpec(config.SANDBOXED_IMAGE));
  const made = { id, generation: GENERATION, key, hostKey: '', createdAt: 1 };
  store.warmPool.plan(made, 50);
  store.warmPool.markReady(id, 1);
  return id;
}

it('gives a create a member of the pool, with all that was asked for and the generation of its container', async () => {
  const deps = await world(ON);
  const api = await listen(deps);
  const id = member(deps);
  const { status, body } = await api('POST /sandbox', {
    ...{ name: 'mine', env: { A: 'b' }, limits: { memory_mb: 512 } },
    ...{ labels: { team: 'a' }, template: 'static' },
  });
  expect(status).toBe(202);
  expect(body).toMatchObject({ id, name: 'mine' });
  expect(deps.store.sandboxes.get(id)).toMatchObject({
    generation: GENERATION,
    state: 'creating',
    limits: { memory_mb: 512 },
  });
  expect(deps.store.sandboxes.env(id)).toEqual({ A: 'b' });
  expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'create' }]);
  expect(deps.store.warmPool.has(id)).toBe(false);
});

it.each([
  ['ports', { ports: [3000, 8080] }],
  ['egress', { egress: 'none' }],
  ['visibility', { visibility: 'private' }],
  ['image', { image: 'other' }],
  ['id', { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }],
])('gives none to a create with %s of its own', async (_what, body) => {
  const deps = await world(ON);
  const api = await listen(deps);
  const id = member(deps);
  expect((await api('POST /sandbox', body)).status).toBe(202);
  expect(deps.store.warmPool.has(id)).toBe(true);
  expect(deps.store.warmPool.claims()).toEqual({ hits: 0, misses: 0 });
});

it('gives none where the pool is off, and goes on without where it is empty', async () => {
  const off = await world();
  const id = member(off);
  await (
    await listen(off)
  )('POST /sandbox', {});
  expect(off.store.warmPool.has(id)).toBe(true);
  const empty = await world(ON);
  const answer = await (await listen(empty))('POST /sandbox', {});
  expect(answer.status).toBe(202);
  expect(empty.store.warmPool.claims()).toEqual({ hits: 0, misses: 1 });
});

it('gives each of two creates at once a member of its own', async () => {
  const deps = await world(ON);
  const api = await listen(deps);
  const members = [member(deps), member(deps)];
  const made = await Promise.all(members.map(() => api('POST /sandbox', {})));
  expect(made.map(({ body }) => String(body['id'])).toSorted()).toEqual(
    members.toSorted(),
  );
});

it('leaves the member in the pool when the create is beyond a quota', async () => {
  const deps = await world({ ...ON, SANDBOXED_QUOTA_MEMORY_MB: '100' });
  const api = await listen(deps);
  const id = member(deps);
  expect((await api('POST /sandbox', {})).status).toBe(403);
  expect(deps.store.warmPool.has(id)).toBe(true);
  expect(deps.store.warmPool.claims().hits).toBe(0);
});

it('knows no sandbox of a member: not to read, to list, or to take its id', async () => {
  const deps = await world(ON);
  const api = await listen(deps);
  const id = member(deps);
  expect((await api(`GET /sandbox/${id}`)).status).toBe(404);
  expect((await api(`POST /sandbox/${id}/purge`, {})).status).toBe(404);
  expect((await api('GET /v1/sandboxes')).body['items']).toEqual([]);
  expect(await api('POST /sandbox', { id })).toMatchObject({
    status: 409,
    body: { code: 'id_taken' },
  });
});

it('tells what is wanted, what is ready and how often there was one', async () => {
  const deps = await world(ON);
  const api = await listen(deps);
  member(deps);
  await api('POST /sandbox', {});
  await api('POST /sandbox', {});
  member(deps);
  expect((await api('GET /v1/system')).body['warm_pool']).toEqual({
    ...{ wanted: 2, ready: 1, hits: 1, misses: 1 },
  });
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  expect(metrics).toContain('sandboxed_warm_pool{state="ready"} 1');
  expect(metrics).toContain('sandboxed_warm_pool_claims_total{result="hit"} 1');
});
