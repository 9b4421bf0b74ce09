import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { SandboxId } from '@sandboxed/domain';
import { gateFile, previewHost, routeFile } from '@sandboxed/domain';
import { createEdge } from '../src/edge.ts';
import { keepRoute } from '../src/keep-route.ts';
import {
  afterwards,
  cleanUp,
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
  let isOver = false;
  const reading = gates.read(sandbox).then(() => {
    isOver = true;
  });
  await until(() => asked > 1 || isOver);
  expect(isOver).toBe(false);
  isRead = true;
  await reading;
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

  it('goes with its container, and comes with none of a sandbox that sleeps', () => {
    const { place, id, file } = routed();
    keepRoute(edgeIn(place), id);
    place.store.sandboxes.transition(id, 'exited', {
      actor: 'test',
      reason: 'test',
      now: 1,
    });
    keepRoute(edgeIn(place), id);
    expect(existsSync(file)).toBe(false);
  });

  it('is the business of a job that starts, stops or removes it', () => {
    const { place, id, file } = routed();
    submit(place, id, 'delete', {});
    keepRoute(edgeIn(place), id);
    expect(existsSync(file)).toBe(false);
  });

  it('goes with its gates when both are cleared', () => {
    const { place, id, file } = routed();
    const { edge } = edgeIn(place);
    keepRoute(edgeIn(place), id);
    edge.shut({ id, ports: [3000] });
    edge.clear({ id, ports: [3000] });
    expect(existsSync(file)).toBe(false);
    expect(existsSync(gateFile(place.dataDir, id, 3000))).toBe(false);
  });
});
