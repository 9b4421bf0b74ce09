import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GATE_HEADER } from '@sandboxed/domain';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import type { Echo } from '../src/previews/fleet.ts';
import { fleetOf, visit } from '../src/previews/fleet.ts';
import { until } from '../src/stack.ts';

const VISITORS = 4;

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack();
}, 120_000);
afterAll(() => stack.close(), 120_000);

const change = (id: string, visibility: 'public' | 'private') =>
  fleetOf(stack).call('PATCH', `/v1/sandboxes/${id}`, { visibility });

const status = async (
  { url }: Echo,
  headers: Readonly<Record<string, string>> = {},
) => (await visit(url, headers)).status;

const guards = async (): Promise<readonly string[]> => {
  const names = await readdir(join(stack.dataDir, 'edge'));
  return names.filter((name) => name.startsWith('guard-'));
};

it('a running sandbox is private from the answer to the change on, and public again after another', async () => {
  const app = await fleetOf(stack).create({});
  let over = false;
  const visits: {
    readonly began: number;
    readonly status: number;
    readonly ended: number;
  }[] = [];
  const visiting = Array.from({ length: VISITORS }, async () => {
    while (!over) {
      const began = performance.now();
      const answered = await status(app);
      visits.push({ began, status: answered, ended: performance.now() });
    }
  });
  const rounds: { readonly from: number; readonly to: number }[] = [];
  for (let round = 0; round < 5; round += 1) {
    await until('a visitor to see it', 10_000, async () =>
      (await status(app)) === 200 ? true : undefined,
    );
    await change(app.id, 'private');
    const from = performance.now();
    for (let asked = 0; asked < 20; asked += 1) await status(app);
    rounds.push({ from, to: performance.now() });
    await change(app.id, 'public');
  }
  over = true;
  await Promise.all(visiting);
  const during = visits.filter(({ began, ended }) =>
    rounds.some(({ from, to }) => began >= from && ended <= to),
  );
  expect(during.length).toBeGreaterThan(20);
  expect(new Set(during.map((each) => each.status))).toEqual(new Set([401]));
  expect(visits.some((each) => each.status === 200)).toBe(true);
  expect(await guards()).toEqual([]);
}, 120_000);

it('a container that is made anew is private by itself, without the guard before it', async () => {
  const fleet = fleetOf(stack);
  const app = await fleet.create({});
  await change(app.id, 'private');
  const { cookie } = await visit(await app.link());
  expect(await status(app, { cookie })).toBe(200);
  await fleet.call('POST', `/v1/sandboxes/${app.id}/stop?wait=60`, {
    force: true,
  });
  expect(await status(app, { cookie })).toBe(200);
  for (const name of await guards())
    await rm(join(stack.dataDir, 'edge', name));
  // Traefik has read the directory again by then.
  const other = await fleet.create({});
  await change(other.id, 'private');
  expect(await status(app)).toBe(401);
  expect(await status(app, { cookie })).toBe(200);
}, 120_000);

it('without the api nobody sees what is private, and everybody what is public', async () => {
  const fleet = fleetOf(stack);
  const open = await fleet.create({});
  const app = await fleet.create({ visibility: 'private' });
  const { cookie } = await visit(await app.link());
  expect(await status(app, { cookie })).toBe(200);
  expect(await status(open)).toBe(200);
  // Its gate is opened by the first visit, and Traefik reads that a moment later: until then the api answers this question, then Traefik itself.
  await until('the gate to be open', 10_000, async () => {
    const asked = await visit(open.url, { [GATE_HEADER]: 'shut?' });
    return asked.status === 418 ? true : undefined;
  });
  await stack.child('api').down('SIGKILL');
  const without = [await status(app, { cookie }), await status(open)];
  stack.child('api').up();
  await stack.ready();
  expect(without).toEqual([500, 200]);
  expect(await status(app, { cookie })).toBe(200);
}, 120_000);

it('guards go with their sandbox', async () => {
  const fleet = fleetOf(stack);
  const app = await fleet.create({});
  await change(app.id, 'private');
  const name = `guard-${app.id.toLowerCase()}-3000.yaml`;
  expect(await guards()).toContain(name);
  await fleet.call('POST', `/sandbox/${app.id}/purge?wait=60`, {});
  await until('the guard to be removed', 60_000, async () =>
    (await guards()).includes(name) ? undefined : true,
  );
}, 120_000);
