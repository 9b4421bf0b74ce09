import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { gateFile, previewHost } from '@sandboxed/domain';
import { createEdge } from '../src/edge.ts';
import {
  afterwards,
  cleanUp,
  runningSandbox,
  until,
  world,
} from './support.ts';

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
    isDown: () => false,
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
      isDown: () => false,
      onError: () => undefined,
    });
  edgeOf('localhost').shut(gate);
  const { ino } = statSync(file);
  edgeOf('localhost').shut(gate);
  expect(statSync(file).ino).toBe(ino);
  edgeOf('example.org').shut(gate);
  expect(readFileSync(file, 'utf8')).toContain('preview.example.org');
});
