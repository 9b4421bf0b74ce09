import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerEvent } from '../src/index.ts';
import { createDockerDriver } from '../src/index.ts';
import type { Bench } from './support.ts';
import { codeOf, openBench } from './support.ts';

const names = {
  instance: 'nobody',
  openNetwork: 'nobody-open',
  isolatedNetwork: 'nobody-isolated',
};

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterEach(() => bench.clean());
afterAll(() => bench.close());

test('the Engine tells its version', async () => {
  expect(await bench.driver.version()).toMatch(/^\d+\.\d+/);
});

test('a socket that is not there is docker_unavailable at once', async () => {
  const driver = createDockerDriver({ ...names, socketPath: '/no/such.sock' });
  const before = performance.now();
  expect(await codeOf(driver.version())).toBe('docker_unavailable');
  expect(await codeOf(driver.list())).toBe('docker_unavailable');
  expect(performance.now() - before).toBeLessThan(1_000);
  driver.close();
});

test('an Engine that never answers is timed_out', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sandboxed-mute-'));
  const socketPath = join(dir, 'mute.sock');
  const server = createServer((socket) => socket.unref());
  server.listen(socketPath);
  await once(server, 'listening');
  const driver = createDockerDriver({
    ...names,
    socketPath,
    callTimeoutMs: 50,
  });
  expect(await codeOf(driver.list())).toBe('timed_out');
  driver.close();
  expect(await codeOf(driver.list())).toBe('docker_unavailable');
  server.close();
  await rm(dir, { recursive: true });
});

test('events of this instance arrive in order, those of another do not', async () => {
  const { driver } = bench;
  const spec = bench.spec();
  const seen: ContainerEvent[] = [];
  const end = new AbortController();
  const foreign = bench.another(`${bench.instance}-other`);
  const others: ContainerEvent[] = [];
  const watches = [
    foreign.watch((event) => others.push(event), end.signal),
    driver.watch((event) => {
      seen.push(event);
      if (event.action === 'destroy') end.abort();
    }, end.signal),
  ];
  // Both answers come over connections opened after the watches': the Engine then has the subscriptions.
  await driver.ensure(spec);
  await driver.start(spec.name);
  const { dockerId } = await driver.ensure(spec);
  await driver.rename(dockerId, `${spec.name.slice(0, 50)}-renamed`);
  await driver.stop(dockerId, 5);
  await driver.remove(dockerId);
  await Promise.all(watches);
  expect(seen.map(({ action }) => action)).toEqual([
    'start',
    'rename',
    'die',
    'destroy',
  ]);
  expect(seen[0]?.sandboxId).toBe(spec.labels['sandboxed.id']);
  expect(others).toEqual([]);
});

test('a watch outlives an Engine that is away and ends on close', async () => {
  const driver = createDockerDriver({ ...names, socketPath: '/no/such.sock' });
  const watch = driver.watch(() => undefined, new AbortController().signal);
  expect(await codeOf(driver.version())).toBe('docker_unavailable');
  driver.close();
  await expect(watch).resolves.toBeUndefined();
});

test('both networks keep sandboxes apart and one has no way out', async () => {
  const { docker, instance } = bench;
  const inspected = await Promise.all([
    docker.getNetwork(`${instance}-open`).inspect(),
    docker.getNetwork(`${instance}-isolated`).inspect(),
  ]);
  const options = { 'com.docker.network.bridge.enable_icc': 'false' };
  const labels = {
    'sandboxed.managed': 'true',
    'sandboxed.instance': instance,
  };
  expect(inspected).toMatchObject([
    { Internal: false, EnableIPv6: false, Options: options, Labels: labels },
    { Internal: true, EnableIPv6: false, Options: options, Labels: labels },
  ]);
});

test('workers that make the networks at once make two', async () => {
  const { docker, instance } = bench;
  const drivers = Array.from({ length: 6 }, () => bench.another(instance));
  const name = `${instance}-open`;
  await docker.getNetwork(name).remove();
  await Promise.all(drivers.map((driver) => driver.ensureNetworks()));
  const found = await docker.listNetworks({ filters: { name: [name] } });
  expect(found).toHaveLength(1);
});

test('a network is made with a subnet of its own, and containers are at the addresses that they are given', async () => {
  const { docker, driver, instance } = bench;
  const { open, isolated } = await driver.ensureNetworks();
  expect(open.cidr).not.toBe(isolated.cidr);
  for (const [name, { cidr, gateway }] of [
    [`${instance}-open`, open],
    [`${instance}-isolated`, isolated],
  ] as const) {
    const spec = bench.spec({ network: name });
    const { dockerId } = await driver.ensure(spec);
    expect(await driver.start(spec.name)).toBe('started');
    const { NetworkSettings } = await docker.getContainer(dockerId).inspect();
    expect(NetworkSettings.Networks[name]?.IPAddress).toBe(spec.address);
    expect(await docker.getNetwork(name).inspect()).toMatchObject({
      IPAM: { Config: [{ Subnet: cidr, Gateway: gateway }] },
      Labels: { 'sandboxed.subnet': cidr },
    });
  }
});

test('the networks are looked at once, and again after a container could not be made or started in them', async () => {
  const { docker, driver, instance } = bench;
  const { open } = await driver.ensureNetworks();
  const spec = bench.spec();
  await driver.ensure(spec);
  const name = `${instance}-open`;
  const found = () => docker.listNetworks({ filters: { name: [name] } });
  await docker.getNetwork(name).remove();
  expect((await driver.networks()).open).toEqual(open);
  expect(await found()).toEqual([]);
  expect(await driver.start(spec.name)).toBe('network_gone');
  await driver.networks();
  expect(await found()).toHaveLength(1);

  const elsewhere = bench.spec({ address: '198.51.100.7' });
  expect(await codeOf(driver.ensure(elsewhere))).toBe('start_failed');
  await docker.getNetwork(name).remove();
  await driver.networks();
  expect(await found()).toHaveLength(1);
});

test('an address that another container has is told, and the container starts at the next', async () => {
  const { driver } = bench;
  const first = bench.spec();
  const second = bench.spec({ address: first.address });
  await driver.ensure(first);
  expect(await driver.start(first.name)).toBe('started');
  await driver.ensure(second);
  expect(await driver.start(second.name)).toBe('address_taken');
  const { address } = bench.spec();
  const before = await driver.inspect(second.name);
  const after = await driver.ensure({ ...second, address });
  expect(after.dockerId).not.toBe(before?.dockerId);
  expect(await driver.start(second.name)).toBe('started');
});

test('a network of an earlier version, without a subnet of its own, is made anew once nothing runs in it', async () => {
  const { docker, instance, driver } = bench;
  const name = `${instance}-open`;
  const spec = bench.spec();
  await docker.getNetwork(name).remove();
  const earlier = await docker.createNetwork({
    Name: name,
    Driver: 'bridge',
    Options: { 'com.docker.network.bridge.enable_icc': 'false' },
    Labels: { 'sandboxed.managed': 'true', 'sandboxed.instance': instance },
  });
  const guest = await docker.createContainer({
    name: spec.name,
    Image: spec.image,
    Cmd: [...spec.command],
    HostConfig: { NetworkMode: name },
  });
  await guest.start();
  expect(await codeOf(driver.ensureNetworks())).toBe('container_conflict');
  await guest.stop({ t: 5 });
  const { open } = await driver.ensureNetworks();
  const found = await docker.listNetworks({ filters: { name: [name] } });
  expect(found).toMatchObject([{ Labels: { 'sandboxed.subnet': open.cidr } }]);
  expect(found[0]?.Id).not.toBe(earlier.id);
});

test('a network of that name which lets sandboxes talk is a conflict', async () => {
  const { docker, instance, driver } = bench;
  const name = `${instance}-open`;
  await docker.getNetwork(name).remove();
  const lax = await docker.createNetwork({ Name: name, Driver: 'bridge' });
  expect(await codeOf(driver.ensureNetworks())).toBe('container_conflict');
  await lax.remove();
  await driver.ensureNetworks();
});
