import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import { agentSocket } from '@sandboxed/domain';
import { createKeptAgents } from '../src/kept-agents.ts';
import { afterwards, cleanUp, noSandbox } from './support.ts';
import { until } from '../../../libs/queue/test/support.ts';

afterEach(cleanUp);

async function dataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kept-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

it('keeps the clients that were used last', async () => {
  const agents = createKeptAgents(await dataDirectory(), 2);
  const [a, b, c] = [noSandbox(), noSandbox(), noSandbox()];
  const first = agents.client(a);
  const second = agents.client(b);
  expect(agents.client(a)).toBe(first);
  agents.client(c);
  expect(agents.client(a)).toBe(first);
  expect(agents.client(b)).not.toBe(second);
});

/** An agent that leaves a question for its app open. */
async function slowAgent(dataDir: string, id: SandboxId) {
  const path = agentSocket(dataDir, id);
  await mkdir(dirname(path), { recursive: true });
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.url === '/v1/app') asked.resolve(response);
    else
      response.end(
        '{"protocol":1,"version":"1","pid":1,"started_at_ms":1,"booted":true}',
      );
  });
  server.listen(path);
  await once(server, 'listening');
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  const connections = (): Promise<number> =>
    new Promise((resolve) => {
      server.getConnections((_error, count) => {
        resolve(count);
      });
    });
  return { asked: asked.promise, connections };
}

it('lets a call of one that is not kept any more end, and closes its connection then', async () => {
  const dataDir = await dataDirectory();
  const id = noSandbox();
  const { asked, connections } = await slowAgent(dataDir, id);
  const agents = createKeptAgents(dataDir, 1);
  const app = agents.client(id).app();
  const response = await asked;
  agents.client(noSandbox());
  response.end('{"present":[],"texts":{}}');
  expect(await app).toEqual({ present: [], texts: {} });
  await until(async () => (await connections()) === 0);
});
