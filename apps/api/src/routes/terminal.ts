import { DomainError, envSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { living, sandboxIdOf } from '../http/params.ts';
import type { Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { isTerminalUpgrade } from '../http/upgrades.ts';
import { begin } from '../terminal/begin.ts';
import { refuseOtherOrigin } from '../terminal/origin.ts';
import { terminalQuerySchema } from '../terminal/query.ts';
import { serveTerminal } from '../terminal/serve-terminal.ts';
import { accept } from '../terminal/viewer.ts';

const open = route({
  method: 'get',
  operationId: 'openTerminal',
  tag: 'Commands',
  example: {},
  paths: both('/terminal'),
  summary:
    'A terminal over a web socket: frames of bytes are typed and shown, frames of text are JSON about it; a stopped sandbox is started first',
  query: terminalQuerySchema,
  scope: 'write',
  audited: true,
  takesTickets: true,
  statuses: [101],
  async stream(call, response) {
    const { deps, request, gone } = call;
    refuseOtherOrigin(request, deps.config.SANDBOXED_BUILDER_ORIGINS);
    living(call, sandboxIdOf(call));
    const leave = deps.terminals.enter(call.tenant, sandboxIdOf(call));
    try {
      // The last thing to be found wrong: who was refused a web socket, and not told why, asks by a plain call.
      if (!isTerminalUpgrade(request))
        throw new DomainError(
          'invalid_request',
          'A terminal is a web socket: send "Connection: Upgrade" and "Upgrade: websocket", which clients for web sockets do.',
        );
      const begun = await begin(call);
      const socket = await accept(request, gone);
      response.statusCode = 101;
      await serveTerminal(call, socket, begun);
    } finally {
      leave();
    }
  },
});

const ticket = route({
  method: 'post',
  operationId: 'createTerminalTicket',
  tag: 'Commands',
  example: {
    body: { env: { EDITOR: 'vim' } },
    answer: {
      protocols: ['sandboxed.terminal.v1', 'sandboxed.ticket.8Jx2…'],
      expires_at: '2026-01-01T12:00:30.000Z',
    },
  },
  paths: both('/terminal-tickets'),
  summary:
    'Make a ticket for one web socket of a terminal within 30 s, for browsers: pass `protocols` to `new WebSocket(url, protocols)`',
  body: z.object({
    env: envSchema
      .optional()
      .describe(
        'Variables for a new terminal. Here and not in its address, since addresses end up in logs.',
      ),
  }),
  answer: z.object({
    protocols: z.array(z.string()),
    expires_at: z.string(),
  }),
  answersSecret: true,
  statuses: [201],
  handle(call) {
    const { id } = living(call, sandboxIdOf(call));
    const { actor, tenant, scopes, key } = call;
    const { env } = call.body;
    const caller = {
      ...{ actor, tenant, scopes },
      ...(key !== undefined && { key }),
      ...(env !== undefined && { terminalEnv: env }),
    };
    const { protocols, expiresAt } = call.deps.tickets.issue(caller, id);
    return {
      status: 201,
      body: { protocols, expires_at: new Date(expiresAt).toISOString() },
      headers: { 'Cache-Control': 'no-store' },
    };
  },
});

export const TERMINAL_ROUTES: readonly Route[] = [open, ticket];
