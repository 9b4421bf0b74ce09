import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AgentClient } from '../src/index.ts';
import { createAgentClient } from '../src/index.ts';
import { newId } from './ids.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  while (undo.length > 0) undo.pop()?.();
});

/** What stands where the agent was: the tenant may put anything there. */
async function inItsPlace(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ client: AgentClient }> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-test-'));
  const socketPath = path.join(directory, 'agent.sock');
  const server = createServer(answer);
  server.listen(socketPath);
  await once(server, 'listening');
  const client = createAgentClient({ socketPath });
  undo.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
    fs.rmSync(directory, { recursive: true, force: true });
  });
  return { client };
}

const run = (client: AgentClient, signal?: AbortSignal) =>
  client
    .runProcess(
      { id: newId(), cmd: ['true'], output_cap_bytes: 10 },
      { signal },
    )
    .next();

it('gives up an answer that begins and never says what was started', async () => {
  const { client } = await inItsPlace((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
  });
  await expect(run(client)).rejects.toMatchObject({
    code: 'agent_unreachable',
    reason: 'timeout',
  });
}, 20_000);

it('gives up a refusal without its reason', async () => {
  const { client } = await inItsPlace((_request, response) => {
    response.writeHead(500, { 'content-length': 10 });
    response.flushHeaders();
  });
  await expect(client.process(newId())).rejects.toMatchObject({
    code: 'agent_unreachable',
    reason: 'timeout',
  });
}, 20_000);

it('does not wait for one that changes the protocol unasked', async () => {
  const { client } = await inItsPlace(({ socket }) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
  });
  const changed = { code: 'agent_protocol' };
  await expect(client.health()).rejects.toMatchObject(changed);
  await expect(client.process(newId())).rejects.toMatchObject(changed);
  await expect(run(client)).rejects.toMatchObject(changed);
}, 5_000);

it('leaves no connection open to one that answers something else', async () => {
  let closed = (): void => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { client } = await inItsPlace((request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{}\n');
    if (request.method === 'GET') response.end();
    else response.once('close', closed);
  });
  await expect(run(client)).rejects.toMatchObject({ code: 'agent_protocol' });
  await isClosed;
});
