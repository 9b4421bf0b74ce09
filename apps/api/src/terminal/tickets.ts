import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { SandboxId } from '@sandboxed/domain';
import type { Caller } from '../http/access.ts';

/** What a web socket of a terminal speaks, as `Sec-WebSocket-Protocol`; a ticket stands beside it with the other beginning. */
export const TERMINAL_PROTOCOL = 'sandboxed.terminal.v1';
const TICKET_START = 'sandboxed.ticket.';
/** From the asking for it to its use. Milliseconds. */
const TICKET_MS = 30_000;
/** Of one tenant at once; the oldest go first. */
const MAX_OF_TENANT = 100;

/**
 * Passes for browsers, which can send no token with a web socket: each lets who asked for it into a terminal of one sandbox, once. In
 * the memory of this process alone: one that is lost is asked for again.
 */
export interface Tickets {
  /** Answers the words for `Sec-WebSocket-Protocol`, and when they have no use any more, in ms since the epoch. */
  issue(
    caller: Caller,
    sandboxId: SandboxId,
  ): { readonly protocols: readonly string[]; readonly expiresAt: number };
  /** Uses a ticket up. Undefined when it is none for this sandbox, was used, or is too old. */
  use(ticket: string, sandboxId: SandboxId): Caller | undefined;
}

interface Ticket {
  readonly caller: Caller;
  readonly sandboxId: SandboxId;
  readonly expiresAt: number;
}

export function createTickets(now: () => number): Tickets {
  // By the SHA-256 of what was handed out, oldest first.
  const tickets = new Map<string, Ticket>();
  const hash = (ticket: string): string =>
    createHash('sha256').update(ticket).digest('base64');

  function forgetOld(tenant: string): void {
    const at = now();
    const own: string[] = [];
    for (const [key, { caller, expiresAt }] of tickets)
      if (expiresAt <= at || expiresAt > at + TICKET_MS) tickets.delete(key);
      else if (caller.tenant === tenant) own.push(key);
    for (const key of own.slice(0, Math.max(0, own.length + 1 - MAX_OF_TENANT)))
      tickets.delete(key);
  }

  return {
    issue(caller, sandboxId) {
      forgetOld(caller.tenant);
      const ticket = TICKET_START + randomBytes(32).toString('base64url');
      const expiresAt = now() + TICKET_MS;
      tickets.set(hash(ticket), { caller, sandboxId, expiresAt });
      return { protocols: [TERMINAL_PROTOCOL, ticket], expiresAt };
    },
    use(ticket, sandboxId) {
      const key = hash(ticket);
      const found = tickets.get(key);
      if (found?.sandboxId !== sandboxId) return undefined;
      tickets.delete(key);
      return found.expiresAt > now() ? found.caller : undefined;
    },
  };
}

/** The one ticket that a request brings. */
export function ticketOf({ headers }: IncomingMessage): string | undefined {
  const sent = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word.startsWith(TICKET_START));
  return sent.length === 1 ? sent[0] : undefined;
}
