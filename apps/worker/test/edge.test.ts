import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { SandboxId } from '@sandboxed/domain';
import {
  containerName,
  gateFile,
  previewHost,
  routeFile,
} from '@sandboxed/domain';
import { createEdge } from '../src/edge.ts';
import { dropRoute, keepRoute, keepRoutes } from '../src/keep-route.ts';
import { createReconciler } from '../src/reconcile.ts';
import {
  afterwards,
  agentThatServes,
  cleanUp,
  newSandbox,
  runningSandbox,
  submit,
  until,
  world,
} from './support.ts';
import type { World } from './support.ts';

afterEach(cleanUp);

/** Listens as the edge. `isShut` answers for a preview's host. */
async function edge(isShut: (host: string) => boolean): Promise<URL> {
  const server = createServer((request, response) => {
    if (isShut(request.headers.host ?? ''))
      response.setHeader('x-sandboxed-gate', 'shut');
    response.writeHead(503).end();
  });
  afterwards(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('none');
  return new URL(`http://127.0.0.1:${address.port}`);
}

it('waits until the gate of each port is read, also when that of the last port was never open', async () => {
  const place = world();
  const id = runningSandbox(place, { ports: [3000, 8080] });
  const visited = previewHost(id, 3000, 'localhost');
  let asked = 0;
  let isRead = false;
  const url = await edge((host) => {
    if (host !== visited) return true;
    asked += 1;
    return isRead;
  });
  const gates = createEdge({
    dataDir: place.dataDir,
    url,
    settings: place.deps.host.edge,
    ifDown: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  const sandbox = place.store.sandboxes.get(id);
  if (sandbox === undefined) throw new Error('none');
  gates.route(sandbox, '10.9.0.2');
  let isOver = false;
  const reading = gates.read(sandbox).then(() => {
    isOver = true;
  });
  await until(() => asked > 1 || isOver);
  expect(isOver).toBe(false);
  isRead = true;
  await reading;
});

it('asks nothing of the edge for a sandbox that it has no routes to', async () => {
  const place = world();
  const id = runningSandbox(place);
  let asked = 0;
  const url = await edge(() => {
    asked += 1;
    return false;
  });
  const gates = createEdge({
    ...{ dataDir: place.dataDir, url, settings: place.deps.host.edge },
    ifDown: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  await gates.read({ id, ports: [3000] });
  expect(asked).toBe(0);
});

it('leaves a gate alone that is shut already, and writes it anew for other settings', () => {
  const place = world();
  const gate = { id: runningSandbox(place), ports: [3000] };
  const file = gateFile(place.dataDir, gate.id, 3000);
  const edgeOf = (previewDomain: string) =>
    createEdge({
      dataDir: place.dataDir,
      url: new URL('http://127.0.0.1:1'),
      settings: { ...place.deps.host.edge, previewDomain },
      ifDown: () => undefined,
      onError: () => undefined,
    });
  edgeOf('localhost').shut(gate);
  const { ino } = statSync(file);
  edgeOf('localhost').shut(gate);
  expect(statSync(file).ino).toBe(ino);
  edgeOf('example.org').shut(gate);
  expect(readFileSync(file, 'utf8')).toContain('preview.example.org');
});

function edgeIn({ dataDir, deps }: World, previewDomain = 'localhost') {
  const edge = createEdge({
    dataDir,
    url: new URL('http://127.0.0.1:1'),
    settings: { ...deps.host.edge, previewDomain },
    ifDown: () => undefined,
    onError: () => undefined,
  });
  return { ...deps, edge };
}

describe('the route of a sandbox', () => {
  const SUBNET = { cidr: '10.9.0.0/24', gateway: '10.9.0.1' };

  function routed(): { place: World; id: SandboxId; file: string } {
    const place = world();
    const id = runningSandbox(place);
    place.store.addresses.hold(id, SUBNET);
    return { place, id, file: routeFile(place.dataDir, id) };
  }

  it('is written for one that runs and has none, to its own address, and left alone from then on', () => {
    const { place, id, file } = routed();
    keepRoute(edgeIn(place), id);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(`http://${place.store.addresses.of(id) ?? ''}:3000`);
    const { ino } = statSync(file);
    keepRoute(edgeIn(place), id);
    expect(statSync(file).ino).toBe(ino);
  });

  it('is written anew for another preview domain', () => {
    const { place, id, file } = routed();
    keepRoute(edgeIn(place), id);
    keepRoute(edgeIn(place, 'example.org'), id);
    expect(readFileSync(file, 'utf8')).toContain('preview.example.org');
  });

  it('is neither written nor taken away while a job starts, stops or removes the sandbox', () => {
    const { place, id, file } = routed();
    keepRoute(edgeIn(place), id);
    submit(place, id, 'delete', {});
    dropRoute(edgeIn(place), id);
    expect(existsSync(file)).toBe(true);
    edgeIn(place).edge.unroute(id);
    keepRoute(edgeIn(place), id);
    expect(existsSync(file)).toBe(false);
  });

  it('is there as a worker comes up, of those alone whose containers run', async () => {
    const { place, id, file } = routed();
    const dead = runningSandbox(place);
    place.store.addresses.hold(dead, SUBNET);
    keepRoute(edgeIn(place), dead);
    place.deps.docker.running.delete(containerName(dead));
    await keepRoutes(edgeIn(place));
    expect(existsSync(file)).toBe(true);
    expect(existsSync(routeFile(place.dataDir, dead))).toBe(false);
    expect(place.store.sandboxes.get(id)?.state).toBe('running');
  });

  it('goes when reconciling finds that its container is down, and not before its sandbox sleeps', async () => {
    const { place, id, file } = routed();
    const deps = edgeIn(place);
    keepRoute(deps, id);
    place.deps.docker.running.delete(containerName(id));
    await createReconciler(deps).one(id);
    expect(place.store.sandboxes.get(id)?.state).toBe('stopped');
    expect(existsSync(file)).toBe(false);
  });

  it('is mended by reconciling where the agent answers', async () => {
    const { place, id, file } = routed();
    await agentThatServes(place, id);
    await createReconciler(edgeIn(place)).all();
    expect(existsSync(file)).toBe(true);
  });

  it('is not written back by reconciling where nobody answers', async () => {
    const { place, file } = routed();
    await createReconciler(edgeIn(place)).all();
    expect(existsSync(file)).toBe(false);
  });

  it('is there before its container starts', async () => {
    const place = world();
    const id = newSandbox(place);
    await agentThatServes(place, id);
    const { edge } = edgeIn(place);
    const seen: boolean[] = [];
    const docker = {
      ...place.deps.docker,
      start: (...call: Parameters<typeof place.deps.docker.start>) => {
        seen.push(existsSync(routeFile(place.dataDir, id)));
        return place.deps.docker.start(...call);
      },
    };
    await place.runner({ edge, docker }).run(submit(place, id, 'create', {}));
    expect(seen).toEqual([true]);
  });

  it.each([
    ['goes with its gates a while after a stop', true],
    ['stays when the sandbox was started again meanwhile', false],
  ])('%s', (_what, isDown) => {
    jest.useFakeTimers();
    try {
      const { place, id, file } = routed();
      const edge = createEdge({
        dataDir: place.dataDir,
        url: new URL('http://127.0.0.1:1'),
        settings: place.deps.host.edge,
        ifDown: (_id, work) => {
          if (isDown) work();
        },
        onError: () => undefined,
      });
      const sandbox = { id, ports: [3000], visibility: 'public' as const };
      edge.route(sandbox, '10.9.0.2');
      edge.shut(sandbox);
      edge.clearLater(sandbox);
      expect(existsSync(file)).toBe(true);
      jest.advanceTimersByTime(3_000);
      const gate = gateFile(place.dataDir, id, 3000);
      // Traefik is to have read that one is gone before it hears of the other.
      expect([existsSync(file), existsSync(gate)]).toEqual([!isDown, true]);
      jest.advanceTimersByTime(100);
      expect([existsSync(file), existsSync(gate)]).toEqual([!isDown, !isDown]);
    } finally {
      jest.useRealTimers();
    }
  });
});
