import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import { dirname } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import { agentSocket, previewHost } from '@sandboxed/domain';
import { afterwards, listening } from './support.ts';
import type { World } from './support.ts';
import type { Edge } from '../src/wake/forward.ts';
import { createWakeListener } from '../src/wake/listener.ts';

/** An agent on its socket that says of every port whether it is open. */
export async function agentSays(
  { dataDir }: World,
  id: SandboxId,
  isOpen: () => boolean,
): Promise<void> {
  const path = agentSocket(dataDir, id);
  mkdirSync(dirname(path), { recursive: true });
  const agent = createServer((_request, response) => {
    response.end(JSON.stringify({ open: isOpen() }));
  });
  agent.listen(path);
  await once(agent, 'listening');
  afterwards(() => {
    agent.close();
    agent.closeAllConnections();
  });
}

/** The wake listener before an edge that `serve` plays. Answers the port to ask. */
export async function waking(
  deps: World,
  app: Server = createServer((_request, response) => response.end('the app')),
  bounds: Partial<Edge> = {},
): Promise<number> {
  const url = new URL(`http://127.0.0.1:${await listening(app)}`);
  return listening(
    createWakeListener(deps, { url, secret: 'secret', ...bounds }),
  );
}

/** The preview's name of a sandbox's port 3000. */
export const hostOf = (id: SandboxId, port = 3000): string =>
  previewHost(id, port, 'localhost');

/** What a browser sends for a page. */
export const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
/** What the waiting page sends. */
export const POLL = { accept: '*/*', 'x-sandboxed-poll': '1' };

/** Asks a server under a host name, with POST when there is a body; resolves with the answer's head. Broken off with the test. */
export async function ask(
  port: number,
  host: string,
  headers: Readonly<Record<string, string>> = {},
  path = '/',
  body?: string,
): Promise<IncomingMessage> {
  const outgoing = request({
    port,
    path,
    ...(body !== undefined && { method: 'POST' }),
    headers: { host, ...headers },
    agent: false,
  });
  afterwards(() => outgoing.destroy());
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
  });
}

/** The whole text of an answer. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}
