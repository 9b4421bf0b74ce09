import { rename, symlink } from 'node:fs/promises';
import { DomainError } from '@sandboxed/domain';
import type { ContainerEvent } from '@sandboxed/docker';
import { attacks, changed } from './attacks.ts';
import type { RealProxy } from './real-engine.ts';
import { ask, ENGINE, IMAGE, openRealProxy } from './real-engine.ts';
import { newId, validBody } from './valid-body.ts';

let proxy: RealProxy;
let base: string;
let last = 1;
beforeAll(async () => {
  proxy = await openRealProxy();
  const { open } = await proxy.driver.ensureNetworks();
  base = open.gateway.replace(/\d+$/, '');
});
afterAll(() => proxy.close());

const spec = () => proxy.spec(`${base}${(last += 1)}`);
const foreign: string[] = [];
afterEach(async () => {
  for (const name of foreign.splice(0))
    await ask(ENGINE, 'DELETE', `/containers/${name}?force=true`);
});
/** A container of somebody else, made behind the proxy's back. */
async function makeForeign(
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  foreign.push(name);
  const body = {
    ...{ Image: IMAGE, Cmd: ['sleep', '300'], Labels: labels },
    HostConfig: { NetworkMode: 'none' },
  };
  const made = await ask(
    ENGINE,
    'POST',
    `/containers/create?name=${name}`,
    body,
  );
  expect(made.status).toBe(201);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
  return 'no error';
}

test('all that a worker does with a container works, and events tell of it', async () => {
  const { driver } = proxy;
  const one = await spec();
  const events: ContainerEvent[] = [];
  const end = new AbortController();
  const watch = driver.watch((event) => {
    events.push(event);
    if (event.action === 'destroy') end.abort();
  }, end.signal);
  const { dockerId } = await driver.ensure(one);
  expect(await driver.start(one.name)).toBe('started');
  expect((await driver.inspect(one.name))?.running).toBe(true);
  expect((await driver.list()).map((each) => each.dockerId)).toEqual([
    dockerId,
  ]);
  expect((await driver.stats(one.name))?.processes).toBeGreaterThan(0);
  await driver.update(one.name, {
    ...{ memoryBytes: 128 * 1_048_576, nanoCpus: 1e9, pids: 64 },
  });
  await ask(ENGINE, 'POST', `/containers/${dockerId}/rename?name=${one.name}x`);
  await driver.rename(dockerId, one.name);
  await ask(ENGINE, 'POST', `/containers/${dockerId}/pause`);
  await driver.unpause(one.name);
  await driver.stop(one.name, 1);
  await driver.remove(one.name);
  expect(await driver.inspect(one.name)).toBeUndefined();
  await watch;
  expect(events.map(({ action }) => action)).toEqual([
    'start',
    'rename',
    'rename',
    'pause',
    'unpause',
    'die',
    'destroy',
  ]);
}, 60_000);

test('the Engine tells of itself, and an image that is not there is asked for', async () => {
  expect(await proxy.driver.version()).toMatch(/^\d+\./);
  expect((await proxy.driver.facts(Date.now)).runtimes).toContain('runc');
  const missing = { ...(await spec()), image: '127.0.0.1:9/no/such:1' };
  expect(await codeOf(proxy.driver.ensure(missing))).toBe('image_missing');
}, 60_000);

test('no body of an attacker makes a container', async () => {
  const { place, worker } = proxy;
  const id = newId();
  const path = `/containers/create?name=s-${id.toLowerCase()}`;
  for (const [name, where, value] of attacks(place, id)) {
    const body = changed(validBody(place, id), where, value);
    const { status, body: said } = await ask(worker, 'POST', path, body);
    expect([name, status, said]).toEqual([
      name,
      403,
      expect.stringContaining('Refused by the rules for a new container'),
    ]);
  }
  expect(await proxy.driver.list()).toEqual([]);
});

test('a body reaches the Engine only under the name of its sandbox', async () => {
  const { place, worker } = proxy;
  const body = validBody(place, newId());
  for (const query of ['', '?name=redis', '?Name=redis', '?name=a&name=b'])
    expect(
      (await ask(worker, 'POST', `/containers/create${query}`, body)).status,
    ).toBe(403);
});

test('a container of somebody else is as good as not there, but for its name', async () => {
  const { worker } = proxy;
  const one = await spec();
  await makeForeign(one.name);
  expect(await codeOf(proxy.driver.ensure(one))).toBe('container_conflict');
  const { body } = await ask(ENGINE, 'GET', `/containers/${one.name}/json`);
  const [, id = ''] = /"Id":"([0-9a-f]{64})"/.exec(body) ?? [];
  expect(id).toHaveLength(64);
  for (const ref of [one.name, id, id.slice(0, 12)])
    for (const [method, path] of [
      ['POST', `/containers/${ref}/start`],
      ['POST', `/containers/${ref}/stop?t=0`],
      ['POST', `/containers/${ref}/rename?name=${one.name}`],
      ['GET', `/containers/${ref}/stats?stream=false&one-shot=true`],
      ['DELETE', `/containers/${ref}?force=true&v=true`],
    ] as const)
      expect((await ask(worker, method, path)).status).toBe(403);
  expect((await ask(worker, 'GET', '/containers/json?all=1')).body).toBe(
    '[]\n',
  );
});

test('another installation is somebody else', async () => {
  const id = newId();
  const name = `s-${id.toLowerCase()}`;
  await makeForeign(name, {
    'sandboxed.managed': 'true',
    'sandboxed.instance': 'another',
    'sandboxed.id': id,
  });
  const { worker } = proxy;
  const path = `/containers/${name}?force=true&v=true`;
  expect((await ask(worker, 'DELETE', path)).status).toBe(403);
});

test("networks are made, listed and removed as workers do it, and nobody else's", async () => {
  const { worker } = proxy;
  const { body } = await ask(ENGINE, 'GET', '/networks/bridge');
  const [, id = ''] = /"Id":"([0-9a-f]{64})"/.exec(body) ?? [];
  expect(await ask(worker, 'DELETE', `/networks/${id}`)).toMatchObject({
    status: 403,
    body: expect.stringContaining('not one of this installation'),
  });
  expect((await ask(worker, 'DELETE', '/networks/bridge')).status).toBe(403);
});

test('a link planted after a container was made does not get mounted', async () => {
  const { driver, place } = proxy;
  const one = await spec();
  await driver.ensure(one);
  const home = `${place.dataDir}/workspaces/${one.labels['sandboxed.id'] ?? ''}`;
  await rename(home, `${home}.away`);
  await symlink('/etc', home);
  await expect(driver.start(one.name)).rejects.toThrow('no link');
  expect((await driver.inspect(one.name))?.running).toBe(false);
  await driver.remove(one.name);
});
