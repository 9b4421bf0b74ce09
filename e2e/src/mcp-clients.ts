import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

const PROGRAM = join(import.meta.dirname, '../../dist/mcp.mjs');

/** Ways in which an agent elsewhere reaches the MCP server of one installation. */
export interface McpServers {
  /** Where the one over HTTP listens. */
  readonly url: string;
  /** A client of the official SDK, connected. */
  connect(kind: 'stdio' | 'http', token: string): Promise<Client>;
  /** Ends clients and servers. */
  close(): Promise<void>;
}

/** Starts the server over HTTP; one over stdio is started by each client. */
export async function startMcpServers(api: string): Promise<McpServers> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, '--http'], {
    env: { SANDBOXED_URL: api, SANDBOXED_MCP_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.stderr === null) throw new Error('the server has no output');
  const [line] = (await once(createInterface(child.stderr), 'line', {
    signal: AbortSignal.timeout(20_000),
  })) as unknown[];
  const url = String(line).replace('MCP at ', '');
  const clients: Client[] = [];
  const transportOf = (kind: 'stdio' | 'http', token: string): Transport =>
    kind === 'stdio'
      ? new StdioClientTransport({
          command: process.execPath,
          args: [PROGRAM],
          env: { SANDBOXED_URL: api, SANDBOXED_TOKEN: token },
        })
      : new StreamableHTTPClientTransport(new URL(url), {
          requestInit: { headers: { authorization: `Bearer ${token}` } },
        });
  return {
    url,
    async connect(kind, token) {
      const client = new Client({ name: 'a test', version: '1' });
      clients.push(client);
      await client.connect(transportOf(kind, token));
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
