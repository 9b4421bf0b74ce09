import { parseArgs } from 'node:util';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ConfigError, loadConfig } from '@sandboxed/runtime';
import type { McpConfig } from './config.ts';
import { mcpConfigSchema } from './config.ts';
import { createServer } from './create-server.ts';
import { hostAt } from './host.ts';
import { serve } from './http/serve.ts';

const VERSION = '0.1.0';
const USAGE = `sandboxed-mcp            speaks MCP over stdin and stdout
sandboxed-mcp --http     serves MCP at http://127.0.0.1:9093/mcp; each caller brings its own bearer token

SANDBOXED_URL        the installation: http://127.0.0.1:9090 unless set
SANDBOXED_TOKEN      what it is called with over stdio; an open installation needs none (also SANDBOXED_TOKEN_FILE)
SANDBOXED_MCP_HOST   where --http listens: 127.0.0.1 unless set
SANDBOXED_MCP_PORT   9093 unless set
`;

/** Stdout belongs to the protocol. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Begins to serve; answers what ends it. */
async function begin(
  config: McpConfig,
  overHttp: boolean,
): Promise<() => Promise<void>> {
  const { SANDBOXED_URL: baseUrl, SANDBOXED_TOKEN: token } = config;
  if (overHttp) {
    const serving = await serve({
      baseUrl,
      version: VERSION,
      host: config.SANDBOXED_MCP_HOST,
      port: config.SANDBOXED_MCP_PORT,
    });
    say(`MCP at http://${config.SANDBOXED_MCP_HOST}:${serving.port}/mcp`);
    return () => serving.close();
  }
  const server = createServer(hostAt(baseUrl, token), VERSION);
  await server.connect(new StdioServerTransport());
  const close = (): Promise<void> => server.close();
  // The client is gone: what it waits for is ended, and then this process.
  process.stdin.once('end', () => void close());
  return close;
}

try {
  const { values } = parseArgs({
    options: { http: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) process.stdout.write(USAGE);
  else {
    const { config } = loadConfig(mcpConfigSchema, process.env);
    const close = await begin(config, values.http === true);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void close());
  }
} catch (error) {
  const isOurs = error instanceof ConfigError || error instanceof TypeError;
  say(isOurs ? `${error.message}\n\n${USAGE}` : String(error));
  process.exitCode = 2;
}
