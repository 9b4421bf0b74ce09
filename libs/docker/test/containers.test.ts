import { containerName } from '@sandboxed/domain';
import { z } from 'zod';
import type { Bench } from './support.ts';
import { codeOf, IMAGE, openBench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterEach(() => bench.clean());
afterAll(() => bench.close());

const stringsSchema = z.record(z.string(), z.string());
const networkSchema = z.object({
  IPAM: z.object({
    Driver: z.string(),
    Config: z.array(z.object({ Subnet: z.string(), Gateway: z.string() })),
  }),
  Options: stringsSchema,
  Labels: stringsSchema,
});

test('a container is made, started, stopped and removed, and each twice is success', async () => {
  const { driver } = bench;
  const spec = bench.spec();
  const made = await driver.ensure(spec);
  expect(made).toMatchObject({
    name: spec.name,
    running: false,
    generation: 1,
  });
  expect(await driver.ensure(spec)).toEqual(made);
  await driver.start(spec.name);
  await driver.start(spec.name);
  expect(await driver.inspect(spec.name)).toMatchObject({ running: true });
  await driver.stop(spec.name, 5);
  await driver.stop(spec.name, 5);
  expect(await driver.inspect(spec.name)).toMatchObject({ running: false });
  await driver.remove(spec.name);
  await driver.remove(spec.name);
  expect(await driver.inspect(spec.name)).toBeUndefined();
});

test('one that is told to end is waited for, within bounds, and one that is gone is down', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  const made = await driver.ensure(spec);
  expect(await driver.waitDown(made, 5_000)).toBe(true);
  await driver.start(spec.name);
  expect(await driver.waitDown(made, 300)).toBe(false);
  const down = driver.waitDown(made, 20_000);
  await docker.getContainer(spec.name).kill();
  expect(await down).toBe(true);
  await driver.remove(spec.name);
  expect(await driver.waitDown(made, 5_000)).toBe(true);
});

test('two at once make one container', async () => {
  const spec = bench.spec();
  const other = bench.another(bench.instance);
  const made = await Promise.all([
    bench.driver.ensure(spec),
    other.ensure(spec),
    bench.driver.ensure(spec),
  ]);
  expect(new Set(made.map(({ dockerId }) => dockerId)).size).toBe(1);
  expect(await bench.driver.list()).toHaveLength(1);
});

test('a container of another generation is replaced, even while it runs', async () => {
  const { driver } = bench;
  const first = bench.spec();
  const { dockerId } = await driver.ensure(first);
  await driver.start(first.name);
  const labels = { ...first.labels, 'sandboxed.generation': '2' };
  const next = await driver.ensure({ ...first, labels });
  expect(next).toMatchObject({ generation: 2, running: false });
  expect(next.dockerId).not.toBe(dockerId);
});

test('a stopped container gets changed limits and labels, a running one keeps its own', async () => {
  const { driver, docker } = bench;
  const first = bench.spec();
  const { dockerId } = await driver.ensure(first);
  const labels = { ...first.labels, 'another.label': 'true' };
  const changed = { ...first, memoryBytes: 2 * first.memoryBytes, labels };
  await driver.start(first.name);
  expect(await driver.ensure(changed)).toMatchObject({ dockerId });
  await driver.stop(first.name, 5);
  const next = await driver.ensure(changed);
  expect(next.dockerId).not.toBe(dockerId);
  const { HostConfig, Config } = await docker
    .getContainer(first.name)
    .inspect();
  expect(HostConfig.Memory).toBe(changed.memoryBytes);
  expect(Config.Labels['another.label']).toBe('true');
  expect(await driver.ensure(changed)).toEqual(next);
});

test('limits that were changed while it ran are kept by its next start', async () => {
  const { driver, docker } = bench;
  const first = bench.spec();
  await driver.ensure(first);
  await driver.start(first.name);
  const changed = { ...first, pids: 99 };
  await driver.update(first.name, changed);
  await driver.stop(first.name, 5);
  await driver.ensure(changed);
  await driver.start(first.name);
  const { HostConfig } = await docker.getContainer(first.name).inspect();
  expect(HostConfig.PidsLimit).toBe(99);
});

test('a foreign container of the same name is a conflict and is left alone', async () => {
  const spec = bench.spec();
  const foreign = await bench.docker.createContainer({
    name: spec.name,
    Image: spec.image,
    Cmd: ['sleep', '60'],
  });
  expect(await codeOf(bench.driver.ensure(spec))).toBe('container_conflict');
  await bench.driver.remove(spec.name);
  expect(await bench.driver.inspect(spec.name)).toBeUndefined();
  expect(await foreign.inspect()).toMatchObject({ Id: foreign.id });
});

test('another instance neither sees nor removes our container', async () => {
  const spec = bench.spec();
  await bench.driver.ensure(spec);
  const other = bench.another(`${bench.instance}-other`);
  expect(await other.list()).toEqual([]);
  expect(await other.inspect(spec.name)).toBeUndefined();
  await other.remove(spec.name);
  expect(await bench.driver.list()).toMatchObject([{ name: spec.name }]);
});

test('an image that is nowhere says how to get it', async () => {
  const image = 'sandboxed/no-such-image:never';
  const work = bench.driver.ensure(bench.spec({ image }));
  await expect(work).rejects.toMatchObject({
    code: 'image_missing',
    message: expect.stringContaining(`docker build -t ${image}`),
  });
});

test('a mount without a source is refused and nothing is made', async () => {
  const mounts = [
    { source: '/nowhere/at/all', target: '/mnt', readOnly: false },
  ];
  const spec = bench.spec({ mounts });
  await expect(bench.driver.ensure(spec)).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringContaining('/nowhere/at/all'),
  });
  expect(await bench.driver.inspect(spec.name)).toBeUndefined();
});

test('a start that the Engine refuses is start_failed with its words', async () => {
  const spec = bench.spec({ user: 'nobody-of-that-name' });
  await bench.driver.ensure(spec);
  await expect(bench.driver.start(spec.name)).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringContaining('nobody-of-that-name'),
  });
});

test('a command that does not exist starts and has ended with 127, because an init runs it', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec({ command: ['/no/such/command'] });
  await driver.ensure(spec);
  await driver.start(spec.name);
  await docker.getContainer(spec.name).wait();
  expect((await driver.inspect(spec.name))?.exitCode).toBe(127);
});

test('starting a container that is gone is start_failed', async () => {
  const name = `${bench.instance}-gone`;
  expect(await codeOf(bench.driver.start(name))).toBe('start_failed');
});

test('a paused container is listed as paused, unpaused and stopped within its grace', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  await driver.ensure(spec);
  await driver.start(spec.name);
  await docker.getContainer(spec.name).pause();
  expect(await driver.list()).toMatchObject([{ running: true, paused: true }]);
  await driver.unpause(spec.name);
  await driver.unpause(spec.name);
  await docker.getContainer(spec.name).pause();
  await driver.stop(spec.name, 5);
  expect(await driver.inspect(spec.name)).toMatchObject({ running: false });
});

test('figures are read while it runs and are undefined when it does not', async () => {
  const { driver } = bench;
  const spec = bench.spec();
  await driver.ensure(spec);
  expect(await driver.stats(spec.name)).toBeUndefined();
  await driver.start(spec.name);
  const figures = await driver.stats(spec.name);
  expect(figures?.cpuNanos).toBeGreaterThan(0);
  expect(figures?.processes).toBeGreaterThan(0);
  expect(Math.abs((figures?.at ?? 0) - Date.now())).toBeLessThan(10_000);
  expect(await driver.stats(`${spec.name}-gone`)).toBeUndefined();
});

test('limits change on a running container, clamped to the CPUs of the host', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  await driver.ensure(spec);
  await driver.start(spec.name);
  const memoryBytes = 128 * 1_048_576;
  await driver.update(spec.name, { memoryBytes, nanoCpus: 1e15, pids: 99 });
  const { HostConfig } = await docker.getContainer(spec.name).inspect();
  expect(HostConfig).toMatchObject({
    Memory: memoryBytes,
    MemorySwap: memoryBytes,
    PidsLimit: 99,
  });
  await driver.update(`${spec.name}-gone`, {
    memoryBytes,
    nanoCpus: 1e9,
    pids: 9,
  });
});

test('one that runs and that nobody has used yet is given the limits that are wanted, and is replaced when it differs in more', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  const made = await driver.ensure(spec, { isNew: true });
  await driver.start(spec.name);
  const memoryBytes = 2 * spec.memoryBytes;
  const larger = { ...spec, memoryBytes, pids: spec.pids + 1 };
  expect(await driver.ensure(larger, { isNew: true })).toMatchObject({
    dockerId: made.dockerId,
    running: true,
  });
  const { HostConfig } = await docker.getContainer(spec.name).inspect();
  expect(HostConfig).toMatchObject({
    Memory: memoryBytes,
    MemorySwap: memoryBytes,
    PidsLimit: spec.pids + 1,
  });
  const other = { ...larger, env: { CHANGED: 'yes' } };
  // In use, it would be left alone until its next start.
  expect((await driver.ensure(other)).dockerId).toBe(made.dockerId);
  const { dockerId, running } = await driver.ensure(other, { isNew: true });
  expect(dockerId).not.toBe(made.dockerId);
  expect(running).toBe(false);
});

test('a container of no spec is replaced, even while it runs', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  const byHand = await docker.createContainer({
    name: spec.name,
    Image: spec.image,
    Cmd: [...spec.command],
    Labels: { ...spec.labels },
  });
  await byHand.start();
  expect(await driver.inspect(spec.name)).toMatchObject({ running: true });
  expect((await driver.inspect(spec.name))?.specHash).toBeUndefined();
  const made = await driver.ensure(spec);
  expect(made.dockerId).not.toBe(byHand.id);
  expect(made.specHash).toMatch(/^[0-9a-f]{16}$/);
});

test('all containers of a sandbox are found by label, whatever their names, with what they were made from', async () => {
  const { driver, docker } = bench;
  const first = bench.spec({ name: `${bench.instance}-first` });
  const made = await driver.ensure(first);
  await driver.start(first.name);
  await docker.getContainer(made.dockerId).rename({
    name: `${bench.instance}-renamed`,
  });
  await driver.ensure(first);
  await driver.ensure(bench.spec());
  const { sandboxId } = made;
  const { containers, nameTaken } = await driver.find(sandboxId);
  expect(nameTaken).toBe(false);
  expect(
    containers
      .map(({ name, running }) => ({ name, running }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ).toEqual([
    { name: first.name, running: false },
    { name: `${bench.instance}-renamed`, running: true },
  ]);
  expect(new Set(containers.map(({ specHash }) => specHash))).toEqual(
    new Set([made.specHash]),
  );
});

test('a container tells which agent it mounts, running or not', async () => {
  const { driver } = bench;
  const mounts = [{ source: '/usr', target: '/opt/sandboxed', readOnly: true }];
  const spec = bench.spec({ mounts });
  await driver.ensure(spec);
  expect(await driver.list()).toMatchObject([{ agentDir: '/usr' }]);
  await driver.start(spec.name);
  expect(await driver.list()).toMatchObject([{ agentDir: '/usr' }]);
});

test('a container that runs tells its image by name, or by id once the name stands for another one', async () => {
  const { driver, docker, instance } = bench;
  const image = docker.getImage(IMAGE);
  await image.tag({ repo: instance, tag: 'moving' });
  const spec = bench.spec({ image: `${instance}:moving` });
  try {
    await driver.ensure(spec);
    await driver.start(spec.name);
    expect(await driver.list()).toMatchObject([{ image: spec.image }]);
  } finally {
    await docker.getImage(`${instance}:moving`).remove();
  }
  const { Id } = await image.inspect();
  expect(await driver.list()).toMatchObject([{ image: Id }]);
});

test('a foreign container that has the name of a sandbox is told of', async () => {
  const { driver, docker } = bench;
  const { sandboxId } = await driver.ensure(bench.spec());
  const name = containerName(sandboxId);
  const { id } = await docker.createContainer({ name, Image: IMAGE });
  try {
    expect(await driver.find(sandboxId)).toMatchObject({ nameTaken: true });
  } finally {
    await docker.getContainer(id).remove({ force: true });
  }
  expect(await driver.find(sandboxId)).toMatchObject({ nameTaken: false });
});

test('exactly one incarnation is removed: never the next one of its name', async () => {
  const { driver } = bench;
  const spec = bench.spec();
  const { dockerId } = await driver.ensure(spec);
  await driver.remove(spec.name);
  const next = await driver.ensure(spec);
  await driver.removeExact(dockerId);
  expect(await driver.inspect(spec.name)).toEqual(next);
  await driver.removeExact(next.dockerId);
  expect(await driver.inspect(spec.name)).toBeUndefined();
});

test('a container gets its name back while it runs, unless another has it', async () => {
  const { driver, docker } = bench;
  const spec = bench.spec();
  const { dockerId } = await driver.ensure(spec);
  await driver.start(spec.name);
  const other = `${bench.instance}-other`;
  await docker.getContainer(dockerId).rename({ name: other });
  await driver.rename(dockerId, spec.name);
  await driver.rename(dockerId, spec.name);
  expect(await driver.inspect(spec.name)).toMatchObject({
    dockerId,
    running: true,
  });
  const second = await driver.ensure(bench.spec({ name: other }));
  expect(await codeOf(driver.rename(second.dockerId, spec.name))).toBe(
    'container_conflict',
  );
  await driver.removeExact(second.dockerId);
  await driver.rename(second.dockerId, spec.name);
});

test('a stopped container whose network was made anew is removed by its start, and made in that one', async () => {
  const { driver, docker, instance } = bench;
  const spec = bench.spec();
  await driver.ensure(spec);
  await driver.start(spec.name);
  await driver.stop(spec.name, 5);
  const name = `${instance}-open`;
  const made = networkSchema.parse(await docker.getNetwork(name).inspect());
  await docker.getNetwork(name).remove();
  // With the same subnet: the Engine takes the first one that is free.
  await docker.createNetwork({ Name: name, Driver: 'bridge', ...made });
  await driver.ensure(spec);
  expect(await driver.start(spec.name)).toBe('network_gone');
  expect(await driver.inspect(spec.name)).toBeUndefined();
  await driver.ensure(spec);
  expect(await driver.start(spec.name)).toBe('started');
});
