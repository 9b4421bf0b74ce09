import type { Delivery, EventRecord } from '@sandboxed/domain';
import {
  DELIVERY_LEASE_MS,
  deliverySchema,
  DomainError,
  eventRecordSchema,
  jobIdSchema,
  MAX_ENDED_DELIVERIES,
  MAX_PENDING_DELIVERIES,
  WEBHOOK_EVENTS,
  WEBHOOK_TEST,
  webhookMessages,
} from '@sandboxed/domain';
import { z } from 'zod';
import { createNewIds } from './new-ids.ts';
import { json } from './rows.ts';
import type { Session } from './session.ts';
import type { Jobs, Page } from './store.ts';
import type { Webhooks } from './webhooks.ts';

/** Numbers of events that are looked through at once: output of programs is among them, which nobody is told of. */
const EVENTS_AT_ONCE = 2_000;

/** A webhook for which something is to be sent now. */
export interface DueWebhook {
  readonly id: string;
  readonly tenant: string;
  readonly failing: boolean;
}

/** How a try went. */
export interface Attempt {
  readonly outcome: 'delivered' | 'failed';
  /** What it was answered with; null for no answer. */
  readonly responseStatus: number | null;
  readonly durationMs: number;
  readonly error: string | null;
  /** Milliseconds since the epoch; undefined: it was the last try. */
  readonly retryAt?: number | undefined;
}

/** What webhooks are sent. */
export interface Deliveries {
  /**
   * Makes deliveries of the next events, in order and each once, in one transaction with the cursor; `false` when none is left. A
   * webhook with too many that wait is switched off and answered by `overfull`.
   */
  plan(now: number): {
    readonly more: boolean;
    readonly planned: number;
    readonly overfull: readonly string[];
  };
  /** A delivery that says hello. Throws `busy` when too many wait. */
  addTest(webhookId: string, now: number): Delivery;
  /** Enabled webhooks with something due, the one that has waited for longest first. */
  due(now: number): readonly DueWebhook[];
  /** Takes the delivery of a webhook that has been due for longest; nobody else gets it for 15 s. */
  claim(webhookId: string, now: number): Delivery | undefined;
  /** Writes how the claimed try went. False, and nothing, when another took over meanwhile. */
  settle(delivery: Delivery, attempt: Attempt, now: number): boolean;
  /** Gives a claimed one back untried. */
  release(delivery: Delivery, now: number): void;
  get(webhookId: string, id: string): Delivery | undefined;
  /** Newest first; the cursor is an id. */
  list(
    webhookId: string,
    limit: number,
    cursor?: string,
  ): Page<Omit<Delivery, 'body'>>;
  /** Due now, with all its tries again, under the same id. Undefined when there is none. */
  redeliver(webhookId: string, id: string, now: number): Delivery | undefined;
  /** Tries of all time by how they went, and what waits. */
  figures(): {
    readonly attempts: Readonly<Record<Attempt['outcome'], number>>;
    readonly pending: number;
  };
}

const rowSchema = z.record(z.string(), z.unknown());
const listenersSchema = z.array(
  z
    .object({
      id: z.string(),
      tenant: z.string(),
      events: z.string(),
      after_seq: z.int(),
    })
    .transform((row) => ({
      ...row,
      events: z.array(z.enum(WEBHOOK_EVENTS)).parse(json(row.events)),
    })),
);
const dueSchema = z.array(
  z
    .object({ id: z.string(), tenant: z.string(), failing: z.int() })
    .transform((row) => ({ ...row, failing: row.failing === 1 })),
);
const outlinesSchema = z.array(deliverySchema.omit({ body: true }));
const attemptsSchema = z.array(
  z.object({ outcome: z.enum(['delivered', 'failed']), n: z.int() }),
);
const whoseSchema = z.string().optional();

const OUTLINE = Object.keys(deliverySchema.omit({ body: true }).shape).join(
  ', ',
);

/** Deliveries on one connection. */
export function createDeliveries(
  session: Session,
  jobs: Pick<Jobs, 'get'>,
  webhooks: Pick<Webhooks, 'disable'>,
): Deliveries {
  const { db } = session;
  const newId = createNewIds();
  const listeners = db.prepare(
    'SELECT id, tenant, events, after_seq FROM webhooks WHERE disabled_at IS NULL ORDER BY id',
  );
  const cursor = db.prepare('SELECT seq FROM webhook_cursor').pluck();
  const newest = db
    .prepare(
      "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)",
    )
    .pluck();
  // By number and not by an index of types, which each event would have to be written to.
  const news = db.prepare<[number, number]>(
    `SELECT * FROM events WHERE seq > ? AND seq <= ? AND type IN ('state', 'job') ORDER BY seq`,
  );
  const move = db.prepare<[number]>('UPDATE webhook_cursor SET seq = ?');
  const tenantOf = db
    .prepare<[string]>('SELECT tenant FROM sandboxes WHERE id = ?')
    .pluck();
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO webhook_deliveries (id, webhook_id, type, body, status, next_at, created_at)
     VALUES (@id, @webhook_id, @type, @body, 'pending', @now, @now)`,
  );
  const waiting = db
    .prepare<[string]>(
      `SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = ? AND status = 'pending'`,
    )
    .pluck();
  const forget = db.prepare<[string, string, number]>(
    `DELETE FROM webhook_deliveries WHERE webhook_id = ? AND status <> 'pending' AND id <=
       (SELECT id FROM webhook_deliveries WHERE webhook_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
  );
  const due = db.prepare<[number]>(
    `SELECT id, tenant, failing FROM
       (SELECT id, tenant, failing_since IS NOT NULL AS failing,
          (SELECT MIN(next_at) FROM webhook_deliveries WHERE webhook_id = webhooks.id AND status = 'pending') AS since
        FROM webhooks WHERE disabled_at IS NULL)
     WHERE since <= ? ORDER BY since, id`,
  );
  const take = db.prepare<[{ id: string; now: number; lost: number }]>(
    `UPDATE webhook_deliveries SET attempts = attempts + 1, next_at = @lost WHERE id =
       (SELECT id FROM webhook_deliveries WHERE webhook_id = @id AND status = 'pending' AND next_at <= @now ORDER BY next_at, id LIMIT 1)
     RETURNING *`,
  );
  const settle = db.prepare<[Record<string, unknown>]>(
    `UPDATE webhook_deliveries SET status = @status, next_at = @next_at, finished_at = @finished_at,
       response_status = @response_status, duration_ms = @duration_ms, error = @error
     WHERE id = @id AND attempts = @attempts AND status = 'pending'`,
  );
  const count = db.prepare<[string]>(
    'INSERT INTO webhook_attempts (outcome, n) VALUES (?, 1) ON CONFLICT (outcome) DO UPDATE SET n = n + 1',
  );
  const worked = db.prepare<[number, string]>(
    'UPDATE webhooks SET failing_since = NULL, last_success_at = ? WHERE id = ?',
  );
  const failed = db.prepare<[number, string]>(
    'UPDATE webhooks SET failing_since = ? WHERE id = ? AND failing_since IS NULL',
  );
  const release = db.prepare<[number, string, number]>(
    `UPDATE webhook_deliveries SET attempts = attempts - 1, next_at = ? WHERE id = ? AND attempts = ? AND status = 'pending'`,
  );
  const one = db.prepare<[string, string]>(
    'SELECT * FROM webhook_deliveries WHERE webhook_id = ? AND id = ?',
  );
  const page = db.prepare<[string, string, number]>(
    `SELECT ${OUTLINE} FROM webhook_deliveries WHERE webhook_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
  );
  const again = db.prepare<[{ id: string; webhook: string; now: number }]>(
    `UPDATE webhook_deliveries SET next_at = @now, finished_at = NULL, status = 'pending',
       attempts = CASE status WHEN 'pending' THEN attempts ELSE 0 END
     WHERE webhook_id = @webhook AND id = @id RETURNING *`,
  );
  const attempts = db.prepare('SELECT outcome, n FROM webhook_attempts');
  const pending = db
    .prepare(
      `SELECT COUNT(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_due WHERE status = 'pending'`,
    )
    .pluck();

  /** What this process saw to be of no interest, so that output of programs costs no write. */
  let seen = 0;

  const from = (): number => Math.max(z.int().parse(cursor.get()), seen);

  /** `at`: when it happened. */
  function add(
    webhookId: string,
    type: string,
    data: object,
    at: number,
    now: number,
  ): string {
    const id = newId(now);
    const timestamp = new Date(at).toISOString();
    const body = JSON.stringify({ type, timestamp, data });
    insert.run({ id, webhook_id: webhookId, type, body, now });
    return id;
  }

  function planEvent(
    event: EventRecord,
    all: z.output<typeof listenersSchema>,
    now: number,
  ): readonly string[] {
    const tenant = whoseSchema.parse(tenantOf.get(event.sandbox_id));
    const hearing = all.filter(
      (each) => each.tenant === tenant && each.after_seq < event.seq,
    );
    if (hearing.length === 0) return [];
    const job =
      event.job_id === null
        ? undefined
        : jobs.get(jobIdSchema.parse(event.job_id));
    return webhookMessages(event, job).flatMap(({ type, data }) =>
      hearing
        .filter(({ events }) => events.includes(type))
        .map(({ id }) => {
          add(id, type, { seq: event.seq, ...data }, event.at, now);
          return id;
        }),
    );
  }

  /** Keeps the number of a webhook's deliveries within bounds; answers whether too many wait. */
  function isOverfull(id: string): boolean {
    forget.run(id, id, MAX_ENDED_DELIVERIES);
    return z.int().parse(waiting.get(id)) >= MAX_PENDING_DELIVERIES;
  }

  return {
    plan(now) {
      const nothing = { more: false, planned: 0, overfull: [] };
      if (listeners.get() === undefined) return nothing;
      const start = from();
      const last = z.int().parse(newest.get());
      if (start >= last) return nothing;
      const end = Math.min(last, start + EVENTS_AT_ONCE);
      const more = end < last;
      if (news.get(start, end) === undefined && !more) {
        seen = end;
        return nothing;
      }
      return session.transaction(() => {
        const all = listenersSchema.parse(listeners.all());
        const added = news
          .all(Math.max(from(), start), end)
          .flatMap((row) => planEvent(toEvent(row), all, now));
        const overfull = [...new Set(added)].filter(
          (id) => isOverfull(id) && webhooks.disable(id, 'backlog', now),
        );
        move.run(Math.max(from(), end));
        return { more, planned: added.length, overfull };
      });
    },

    addTest: (webhookId, now) =>
      session.transaction(() => {
        if (isOverfull(webhookId))
          throw new DomainError(
            'busy',
            'Too many deliveries of this webhook wait.',
            { retryAfterSeconds: 5 },
          );
        const data = { webhook_id: webhookId, message: 'Hello.' };
        const id = add(webhookId, WEBHOOK_TEST, data, now, now);
        return deliverySchema.parse(one.get(webhookId, id));
      }),

    due: (now) => dueSchema.parse(due.all(now)),

    claim(webhookId, now) {
      const lost = now + DELIVERY_LEASE_MS;
      const row = take.get({ id: webhookId, now, lost });
      return row === undefined ? undefined : deliverySchema.parse(row);
    },

    settle: ({ id, webhook_id, attempts }, attempt, now) =>
      session.transaction(() => {
        const isOver =
          attempt.outcome === 'delivered' || attempt.retryAt === undefined;
        const { changes } = settle.run({
          id,
          attempts,
          status: isOver ? attempt.outcome : 'pending',
          next_at: attempt.retryAt ?? now,
          finished_at: isOver ? now : null,
          response_status: attempt.responseStatus,
          duration_ms: attempt.durationMs,
          error: attempt.error,
        });
        if (changes === 0) return false;
        count.run(attempt.outcome);
        if (attempt.outcome === 'delivered') worked.run(now, webhook_id);
        else failed.run(now, webhook_id);
        return true;
      }),

    release({ id, attempts }, now) {
      release.run(now, id, attempts);
    },

    get(webhookId, id) {
      const row = one.get(webhookId, id);
      return row === undefined ? undefined : deliverySchema.parse(row);
    },

    list(webhookId, limit, before = '~') {
      const rows = outlinesSchema.parse(page.all(webhookId, before, limit + 1));
      const items = rows.slice(0, limit);
      return {
        items,
        nextCursor: rows.length > items.length ? items.at(-1)?.id : undefined,
      };
    },

    redeliver(webhookId, id, now) {
      const row = again.get({ id, webhook: webhookId, now });
      return row === undefined ? undefined : deliverySchema.parse(row);
    },

    figures() {
      const found = new Map(
        attemptsSchema
          .parse(attempts.all())
          .map(({ outcome, n }) => [outcome, n]),
      );
      return {
        attempts: {
          delivered: found.get('delivered') ?? 0,
          failed: found.get('failed') ?? 0,
        },
        pending: z.int().parse(pending.get()),
      };
    },
  };
}

function toEvent(raw: unknown): EventRecord {
  const row = rowSchema.parse(raw);
  return eventRecordSchema.parse({ ...row, data: json(row['data']) });
}
