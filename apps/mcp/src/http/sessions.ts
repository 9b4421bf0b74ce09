import { randomUUID } from 'node:crypto';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { HttpRefusal } from './refusal.ts';

/** What fills every field of a tool fits, however its characters are escaped. */
const MAX_MESSAGE_BYTES = 8_388_608;

/** Bounds of what clients can keep here. */
export interface SessionLimits {
  readonly all: number;
  /** Of one caller; beyond it, its session that was idle the longest makes room. */
  readonly each: number;
  /** A session that nobody uses is closed after this. Milliseconds. */
  readonly idleMs: number;
}

/** One client's conversation, which belongs to the token that began it. */
export interface Session {
  readonly transport: StreamableHTTPServerTransport;
  /** Holds the session while a request is open; answers what ends that. */
  use(): () => void;
}

/** The conversations under way, bounded in number and in age. */
export interface Sessions {
  /** Begins one, for which an idle one of whoever has most ends if need be. Throws `HttpRefusal` when there is no room. */
  begin(fingerprint: string, server: McpServer): Promise<Session>;
  /** Throws `HttpRefusal` for one that is not there, or is another's. */
  find(id: string, fingerprint: string): Session;
  close(): Promise<void>;
}

interface Kept extends Session {
  readonly fingerprint: string;
  readonly server: McpServer;
  open: number;
  usedAt: number;
}

export function createSessions(
  limits: SessionLimits,
  now: () => number,
): Sessions {
  const sessions = new Set<Kept>();

  const end = async (session: Kept): Promise<void> => {
    sessions.delete(session);
    // Aborts what still runs for it.
    await session.server.close();
  };
  const longestIdle = (among: readonly Kept[]): Kept | undefined =>
    among
      .filter(({ open }) => open === 0)
      .sort((a, b) => a.usedAt - b.usedAt)[0];
  const endIdle = (): void => {
    for (const session of sessions)
      if (session.open === 0 && now() - session.usedAt > limits.idleMs)
        void end(session);
  };
  const sweep = setInterval(endIdle, Math.min(limits.idleMs, 60_000)).unref();

  /** Of those who have something idle. */
  const ofWhoeverHasMost = (): readonly Kept[] =>
    [...Map.groupBy(sessions, ({ fingerprint }) => fingerprint).values()]
      .filter((own) => longestIdle(own) !== undefined)
      .sort((a, b) => b.length - a.length)[0] ?? [];

  const makeRoom = async (fingerprint: string): Promise<void> => {
    const own = [...sessions].filter(
      (session) => session.fingerprint === fingerprint,
    );
    if (own.length >= limits.each) {
      const oldest = longestIdle(own);
      if (oldest === undefined)
        throw new HttpRefusal(
          429,
          `You have ${own.length} sessions at work, which is all you may. End one (DELETE) first.`,
        );
      await end(oldest);
    }
    if (sessions.size < limits.all) return;
    const idle = longestIdle(ofWhoeverHasMost());
    if (idle === undefined)
      throw new HttpRefusal(503, 'All sessions are taken. Try again later.', {
        'retry-after': '30',
      });
    await end(idle);
  };

  return {
    async begin(fingerprint, server) {
      await makeRoom(fingerprint);
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        maxRequestBodySize: MAX_MESSAGE_BYTES,
      });
      const session: Kept = {
        transport,
        fingerprint,
        server,
        open: 0,
        usedAt: now(),
        use() {
          session.open += 1;
          return () => {
            session.open -= 1;
            session.usedAt = now();
            // What came was no beginning of a conversation.
            if (transport.sessionId === undefined) void end(session);
          };
        },
      };
      sessions.add(session);
      server.server.onclose = () => sessions.delete(session);
      await server.connect(transport);
      return session;
    },
    find(id, fingerprint) {
      for (const session of sessions)
        if (
          session.transport.sessionId === id &&
          session.fingerprint === fingerprint
        )
          return session;
      throw new HttpRefusal(404, 'There is no such session. Begin a new one.');
    },
    async close() {
      clearInterval(sweep);
      await Promise.all([...sessions].map(end));
    },
  };
}
