import type { SandboxId } from '@sandboxed/domain';
import { containerName } from '@sandboxed/domain';
import type { World } from './support.ts';
import {
  agentThatServes,
  cleanUp,
  newSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

async function run(
  place: World,
  id: SandboxId,
  kind: 'create' | 'start' | 'stop' | 'delete',
): Promise<void> {
  const job = submit(place, id, kind, {});
  await place.runner().run(job);
  expect(place.store.jobs.get(job)).toMatchObject({ status: 'succeeded' });
}

async function created(place: World): Promise<SandboxId> {
  const id = newSandbox(place);
  await agentThatServes(place, id);
  await run(place, id, 'create');
  return id;
}

const addressOf = ({ deps }: World, id: SandboxId): string | undefined =>
  deps.docker.addresses.get(containerName(id));

it('a sandbox keeps its address while it sleeps, and nobody else gets it', async () => {
  const place = world();
  const id = await created(place);
  expect(addressOf(place, id)).toBe('10.1.0.2');
  await run(place, id, 'stop');
  // Somebody cleans up: the container is made anew.
  place.deps.docker.running.delete(containerName(id));
  const other = await created(place);
  expect(addressOf(place, other)).toBe('10.1.0.3');
  await run(place, id, 'start');
  expect(addressOf(place, id)).toBe('10.1.0.2');
});

it('sandboxes that start at once have an address each', async () => {
  const place = world();
  const ids = await Promise.all(
    Array.from({ length: 8 }, () => created(place)),
  );
  expect(new Set(ids.map((id) => addressOf(place, id))).size).toBe(8);
});

it('an address is free once its sandbox is deleted, and not before', async () => {
  const place = world();
  const tiny = { cidr: '10.3.0.0/29', gateway: '10.3.0.1' };
  place.deps.docker.subnets = { open: tiny, isolated: tiny };
  const ids: SandboxId[] = [];
  for (let made = 0; made < 5; made += 1) ids.push(await created(place));
  const late = newSandbox(place);
  await agentThatServes(place, late);
  const refused = submit(place, late, 'create', {});
  await place.runner().run(refused);
  expect(place.store.jobs.get(refused)).toMatchObject({
    status: 'failed',
    error: { code: 'no_capacity' },
  });
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error('none');
  await run(place, second, 'stop');
  await run(place, first, 'delete');
  await run(place, late, 'start');
  expect(addressOf(place, late)).toBe('10.3.0.2');
});

it('an address that something else has is given up for the next one', async () => {
  const place = world();
  place.deps.docker.taken.add('10.1.0.2').add('10.1.0.3');
  const id = await created(place);
  expect(addressOf(place, id)).toBe('10.1.0.4');
});

it('a container whose network was made anew is made anew as well, at the same address', async () => {
  const place = world();
  const id = await created(place);
  await run(place, id, 'stop');
  const { docker } = place.deps;
  let isGone = true;
  const start: typeof docker.start = (name) => {
    if (!isGone) return docker.start(name);
    isGone = false;
    docker.running.delete(name);
    return Promise.resolve('network_gone');
  };
  const job = submit(place, id, 'start', {});
  await place.runner({ docker: { ...docker, start } }).run(job);
  expect(place.store.jobs.get(job)).toMatchObject({ status: 'succeeded' });
  expect(addressOf(place, id)).toBe('10.1.0.2');
});

it('a start gives up when ever more addresses are in use', async () => {
  const place = world();
  for (let host = 2; host < 250; host += 1)
    place.deps.docker.taken.add(`10.1.0.${host}`);
  const id = newSandbox(place);
  const create = submit(place, id, 'create', {});
  await place.runner().run(create);
  expect(place.store.jobs.get(create)).toMatchObject({
    status: 'failed',
    error: { code: 'start_failed' },
  });
});
