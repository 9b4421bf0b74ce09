import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from '../create-server.ts';
import { callerOf } from './caller.ts';
import { hostOf } from './host-of.ts';
import { HttpRefusal, sendRefusal } from './refusal.ts';
import type { Session, Sessions } from './sessions.ts';
import { createSessions } from './sessions.ts';

const MAX_CONNECTIONS = 1_024;
const LIMITS = { all: 256, each: 32, idleMs: 3_600_000 };

export interface ServeOptions {
  /** The installation that the tools work on. */
  readonly baseUrl: string;
  readonly version: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** MCP over HTTP, as it serves. */
export interface HttpServing {
  readonly port: number;
  /** Ends all sessions, and what runs for them. */
  close(): Promise<void>;
}

/** Serves MCP at `/mcp`. Each session works with the token of its own caller; this process has none. Rejects when the port is taken. */
export async function serve(options: ServeOptions): Promise<HttpServing> {
  const sessions = createSessions(LIMITS, Date.now);
  const server = createHttpServer((request, response) => {
    answer(request, response, sessions, options).catch((error: unknown) => {
      const refusal =
        error instanceof HttpRefusal
          ? error
          : new HttpRefusal(500, 'The request could not be answered.');
      if (response.headersSent) response.destroy();
      else sendRefusal(response, refusal);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: portOf(server),
    async close() {
      server.close();
      await sessions.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sessions: Sessions,
  options: ServeOptions,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    return;
  }
  if (path !== '/mcp') throw new HttpRefusal(404, 'MCP is at /mcp.');
  const session = await sessionOf(request, sessions, options);
  response.once('close', session.use());
  await session.transport.handleRequest(request, response);
}

async function sessionOf(
  request: IncomingMessage,
  sessions: Sessions,
  { baseUrl, version }: ServeOptions,
): Promise<Session> {
  const caller = callerOf(request);
  const id = request.headers['mcp-session-id'];
  if (typeof id === 'string') return sessions.find(id, caller.fingerprint);
  if (request.method !== 'POST')
    throw new HttpRefusal(400, 'Begin a session by POST of initialize.');
  const host = await hostOf(baseUrl, caller);
  return sessions.begin(caller.fingerprint, createServer(host, version));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
