import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Client as Installation } from '@sandboxed/sdk';
import { createServer } from '../src/create-server.ts';

/** A client of the tools, whose calls of the installation `fetch` answers. Closed by its caller. */
export async function connect(fetch: typeof globalThis.fetch): Promise<Client> {
  const connection = { baseUrl: 'http://installation', fetch, maxRetries: 0 };
  const host = { connection, client: new Installation(connection) };
  const [near, far] = InMemoryTransport.createLinkedPair();
  await createServer(host, '1').connect(far);
  const client = new Client({ name: 'a test', version: '1' });
  await client.connect(near);
  return client;
}
