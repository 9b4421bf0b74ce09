import { once } from 'node:events';
import net from 'node:net';
import { disposeAgents, startTestAgent } from './start-agent.ts';

const open: (net.Server | net.Socket)[] = [];
afterEach(async () => {
  for (const each of open.splice(0))
    if (each instanceof net.Server) each.close();
    else each.destroy();
  await disposeAgents();
});

it('a quiet connection from elsewhere is told, one of the machine with itself is not', async () => {
  const { client } = await startTestAgent();
  const server = net.createServer((socket) => open.push(socket));
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('none');
  const { port } = address;
  const connect = async (localAddress: string): Promise<void> => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress });
    open.push(socket);
    await once(socket, 'connect');
  };

  await connect('127.0.0.1');
  expect(await client.connectedPorts()).not.toContain(port);
  await connect('127.0.0.2');
  expect(await client.connectedPorts()).toContain(port);
});
