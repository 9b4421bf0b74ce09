import {
  agentSessionSchema,
  engineFactsSchema,
  serviceSpecSchema,
  WORKER_ALIVE_MS,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Cipher } from './cipher.ts';
import { json } from './rows.ts';
import { fingerprintOf, serviceOf } from './sealed-columns.ts';
import type { Session } from './session.ts';
import type {
  AgentSessions,
  Idempotency,
  Samples,
  Services,
  Workers,
} from './store.ts';

/** Answers to idempotent requests are kept this long. */
export const IDEMPOTENCY_MS = 24 * 3_600_000;

/** Services declared over the API. */
export function createServices(session: Session, cipher: Cipher): Services {
  const { db } = session;
  const all = db.prepare<[string]>(
    'SELECT name, spec_sealed FROM services WHERE sandbox_id = ? ORDER BY name',
  );
  const put = db.prepare<[string, string, Buffer, number]>(
    'INSERT OR REPLACE INTO services (sandbox_id, name, spec_sealed, updated_at) VALUES (?, ?, ?, ?)',
  );
  const remove = db.prepare<[string, string]>(
    'DELETE FROM services WHERE sandbox_id = ? AND name = ?',
  );
  const rowSchema = z.object({
    name: z.string(),
    spec_sealed: z.instanceof(Buffer),
  });
  return {
    list: (id) =>
      all.all(id).map((raw) => {
        const { name, spec_sealed } = rowSchema.parse(raw);
        const spec = cipher.open(spec_sealed, serviceOf(id, name));
        return { name, spec: serviceSpecSchema.parse(spec) };
      }),
    put(id, name, spec, now) {
      session.transaction(() => {
        put.run(id, name, cipher.seal(spec, serviceOf(id, name)), now);
      });
    },
    remove: (id, name) => remove.run(id, name).changes === 1,
  };
}

const responseSchema = z.strictObject({
  /** Of answers from before it was encrypted. */
  fingerprint: z.string().optional(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});
const answerSchema = z.strictObject({
  response: z.string(),
  fingerprint_sealed: z.instanceof(Buffer).nullable(),
});

/** First answers to requests with an Idempotency-Key. */
export function createIdempotency(
  session: Session,
  cipher: Cipher,
): Idempotency {
  const { db } = session;
  const find = db.prepare<[string, string, number]>(
    'SELECT response, fingerprint_sealed FROM idempotency WHERE owner = ? AND key = ? AND at > ?',
  );
  const save = db.prepare<[string, string, string, Buffer, number]>(
    'INSERT OR REPLACE INTO idempotency (owner, key, response, fingerprint_sealed, at) VALUES (?, ?, ?, ?, ?)',
  );
  return {
    find(owner, key, now) {
      const row = find.get(owner, key, now - IDEMPOTENCY_MS);
      if (row === undefined) return undefined;
      const { response, fingerprint_sealed: sealed } = answerSchema.parse(row);
      const { fingerprint, ...rest } = responseSchema.parse(json(response));
      const opened =
        sealed === null
          ? fingerprint
          : cipher.open(sealed, fingerprintOf(owner, key));
      return { ...rest, fingerprint: z.string().parse(opened) };
    },
    save(owner, key, { fingerprint, ...response }, now) {
      session.transaction(() => {
        const sealed = cipher.seal(fingerprint, fingerprintOf(owner, key));
        save.run(owner, key, JSON.stringify(response), sealed, now);
      });
    },
  };
}

/** Sessions of coding agents. */
export function createAgentSessions({ db }: Session): AgentSessions {
  const get = db
    .prepare<[string, string]>(
      'SELECT session FROM agent_sessions WHERE sandbox_id = ? AND agent = ?',
    )
    .pluck();
  const put = db.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO agent_sessions (sandbox_id, agent, session) VALUES (?, ?, ?)',
  );
  const remove = db.prepare<[string, string]>(
    'DELETE FROM agent_sessions WHERE sandbox_id = ? AND agent = ?',
  );
  const clear = db.prepare<[string]>(
    'DELETE FROM agent_sessions WHERE sandbox_id = ?',
  );
  return {
    get(id, agent) {
      const text = get.get(id, agent);
      // What an agent reported of its session is the tenant's word: one that cannot be read is none.
      return text === undefined
        ? undefined
        : agentSessionSchema.safeParse(json(text)).data;
    },
    put(id, agent, session) {
      put.run(id, agent, JSON.stringify(session));
    },
    forget(id, agent) {
      remove.run(id, agent);
    },
    clear(id) {
      clear.run(id);
    },
  };
}

const sampleSchema = z.object({
  at: z.number(),
  cpuNanos: z.number(),
  networkBytes: z.number(),
  memoryBytes: z.number(),
  cpuPercent: z.number(),
  processes: z.number(),
});

/** Latest figures of running sandboxes. */
export function createSamples({ db }: Session): Samples {
  const get = db
    .prepare<[string]>('SELECT sample FROM samples WHERE sandbox_id = ?')
    .pluck();
  const put = db.prepare<[string, string]>(
    'INSERT OR REPLACE INTO samples (sandbox_id, sample) VALUES (?, ?)',
  );
  return {
    get(id) {
      const text = get.get(id);
      return text === undefined ? undefined : sampleSchema.parse(json(text));
    },
    put(id, sample) {
      put.run(id, JSON.stringify(sampleSchema.parse(sample)));
    },
  };
}

// Not strict: another version's workers may say more.
const workerSchema = z.object({
  id: z.string(),
  at: z.number(),
  dockerOk: z.boolean(),
  dockerVersion: z.string(),
  engine: engineFactsSchema.nullable().default(null),
  message: z.string(),
});

/** Heartbeats of workers. */
export function createWorkers({ db }: Session): Workers {
  const beat = db.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO workers (id, status, at) VALUES (?, ?, ?)',
  );
  // One that is ahead of the clock is from before the clock was set back.
  const live = db
    .prepare<[number, number]>(
      `SELECT status FROM workers WHERE at > ? AND at <= ? AND COALESCE(status ->> 'takesJobs', 1) ORDER BY id`,
    )
    .pluck();
  const forget = db.prepare<[number, number]>(
    'DELETE FROM workers WHERE at < ? OR at > ?',
  );
  const remove = db.prepare<[string]>('DELETE FROM workers WHERE id = ?');
  const heard = db.prepare('SELECT id, at FROM workers');
  const heardSchema = z.object({ id: z.string(), at: z.number() });
  return {
    heartbeat(status) {
      beat.run(status.id, JSON.stringify(status), status.at);
      const keptMs = 20 * WORKER_ALIVE_MS;
      forget.run(status.at - keptMs, status.at + keptMs);
    },
    beat(id, at) {
      beat.run(id, JSON.stringify({ id, at, takesJobs: false }), at);
    },
    live: (now) =>
      live
        .all(now - WORKER_ALIVE_MS, now + WORKER_ALIVE_MS)
        .map((text) => workerSchema.parse(json(text))),
    heardAt: () =>
      new Map(
        heard.all().map((raw): [string, number] => {
          const { id, at } = heardSchema.parse(raw);
          return [id, at];
        }),
      ),
    remove(id) {
      remove.run(id);
    },
  };
}
