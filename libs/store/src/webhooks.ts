import type { DisabledReason, Webhook, WebhookPatch } from '@sandboxed/domain';
import { SECRET_OVERLAP_MS, webhookSchema } from '@sandboxed/domain';
import { z } from 'zod';
import type { Cipher } from './cipher.ts';
import { json } from './rows.ts';
import { webhookSecretsOf } from './sealed-columns.ts';
import type { Session } from './session.ts';

/** Columns that its maker decides. */
export type NewWebhook = Pick<
  Webhook,
  'id' | 'tenant' | 'url' | 'events' | 'description' | 'made_by' | 'created_at'
>;

const secretsSchema = z.strictObject({
  current: z.string(),
  previous: z.string().optional(),
  /** Until when the previous one signs, too. Milliseconds since the epoch. */
  previousUntil: z.int().optional(),
});
/** What deliveries are signed with; they sign in this order. */
export type WebhookSecrets = z.output<typeof secretsSchema>;

/** Rows of webhooks. */
export interface Webhooks {
  /** It hears of what happens from now on. */
  insert(webhook: NewWebhook, secret: string): Webhook;
  get(id: string): Webhook | undefined;
  /** Of one tenant, or of all, oldest first. */
  list(tenant?: string): readonly Webhook[];
  count(tenant: string): number;
  /** Enabling one that was not lets it hear of what happens from then on. Undefined when there is none. */
  patch(id: string, patch: WebhookPatch, now: number): Webhook | undefined;
  /** Ends what waits as failed: nothing is left that could be sent. False when it was disabled or is gone. */
  disable(id: string, reason: DisabledReason, now: number): boolean;
  /** With all its deliveries. */
  remove(id: string): boolean;
  /** Throws `secret_unreadable`. */
  secrets(id: string, now: number): readonly string[];
  /** The secret before it signs, too, for a day; the one before that no more. */
  rotate(id: string, secret: string, now: number): Webhook | undefined;
}

const rowSchema = z.record(z.string(), z.unknown());
const sealedSchema = z.looseObject({ secrets_sealed: z.instanceof(Buffer) });

/** Rows of webhooks on one connection. */
export function createWebhooks(session: Session, cipher: Cipher): Webhooks {
  const { db } = session;
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO webhooks (id, tenant, url, events, description, secrets_sealed, made_by, created_at, after_seq)
     VALUES (@id, @tenant, @url, @events, @description, @secrets_sealed, @made_by, @created_at, @after_seq)`,
  );
  const byId = db.prepare<[string]>('SELECT * FROM webhooks WHERE id = ?');
  const all = db.prepare<[{ readonly tenant: string | null }]>(
    'SELECT * FROM webhooks WHERE @tenant IS NULL OR tenant = @tenant ORDER BY id',
  );
  const count = db
    .prepare<[string]>('SELECT COUNT(*) FROM webhooks WHERE tenant = ?')
    .pluck();
  const isAnyEnabled = db
    .prepare('SELECT 1 FROM webhooks WHERE disabled_at IS NULL LIMIT 1')
    .pluck();
  const newest = db
    .prepare(
      "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)",
    )
    .pluck();
  const moveCursor = db.prepare<[number]>(
    'UPDATE webhook_cursor SET seq = ? WHERE id = 1',
  );
  const update = db.prepare<[Record<string, unknown>]>(
    'UPDATE webhooks SET url = @url, events = @events, description = @description WHERE id = @id',
  );
  const enable = db.prepare<[number, string]>(
    `UPDATE webhooks SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL, after_seq = ?
     WHERE id = ? AND disabled_at IS NOT NULL`,
  );
  const disable = db.prepare<[number, string, string]>(
    'UPDATE webhooks SET disabled_at = ?, disabled_reason = ? WHERE id = ? AND disabled_at IS NULL',
  );
  const giveUp = db.prepare<[number, string]>(
    `UPDATE webhook_deliveries SET status = 'failed', finished_at = ?, error = COALESCE(error || '; ', '') || 'the webhook was disabled'
     WHERE webhook_id = ? AND status = 'pending'`,
  );
  const remove = db.prepare<[string]>('DELETE FROM webhooks WHERE id = ?');
  const reseal = db.prepare<[Buffer, string]>(
    'UPDATE webhooks SET secrets_sealed = ? WHERE id = ?',
  );

  const get = (id: string): Webhook | undefined => {
    const row = byId.get(id);
    return row === undefined ? undefined : toWebhook(row);
  };
  const secretsOf = (id: string): WebhookSecrets => {
    const { secrets_sealed } = sealedSchema.parse(byId.get(id));
    return secretsSchema.parse(
      cipher.open(secrets_sealed, webhookSecretsOf(id)),
    );
  };

  /** Where a webhook begins to listen. While none does, the cursor stands still: then it is moved here. */
  function beginning(): number {
    const seq = z.int().parse(newest.get());
    if (isAnyEnabled.get() === undefined) moveCursor.run(seq);
    return seq;
  }

  function switchOff(id: string, reason: DisabledReason, now: number): boolean {
    return session.transaction(() => {
      if (disable.run(now, reason, id).changes === 0) return false;
      giveUp.run(now, id);
      return true;
    });
  }

  return {
    insert: (webhook, secret) =>
      session.transaction(() => {
        const { id } = webhook;
        insert.run({
          ...webhook,
          events: JSON.stringify(webhook.events),
          secrets_sealed: cipher.seal(
            { current: secret } satisfies WebhookSecrets,
            webhookSecretsOf(id),
          ),
          after_seq: beginning(),
        });
        return toWebhook(byId.get(id));
      }),
    get,
    list: (tenant) => all.all({ tenant: tenant ?? null }).map(toWebhook),
    count: (tenant) => z.int().parse(count.get(tenant)),
    patch: (id, { enabled, ...patch }, now) =>
      session.transaction(() => {
        const old = get(id);
        if (old === undefined) return undefined;
        const { url, events, description } = { ...old, ...patch };
        update.run({ id, url, events: JSON.stringify(events), description });
        if (enabled === true && old.disabled_at !== null)
          enable.run(beginning(), id);
        if (enabled === false) switchOff(id, 'asked', now);
        return get(id);
      }),
    disable: switchOff,
    remove: (id) => remove.run(id).changes === 1,
    secrets(id, now) {
      const { current, previous, previousUntil = 0 } = secretsOf(id);
      return previous === undefined || previousUntil <= now
        ? [current]
        : [current, previous];
    },
    rotate: (id, secret, now) =>
      session.transaction(() => {
        if (get(id) === undefined) return undefined;
        const sealed = cipher.seal(
          {
            current: secret,
            previous: secretsOf(id).current,
            previousUntil: now + SECRET_OVERLAP_MS,
          } satisfies WebhookSecrets,
          webhookSecretsOf(id),
        );
        reseal.run(sealed, id);
        return get(id);
      }),
  };
}

function toWebhook(raw: unknown): Webhook {
  const {
    secrets_sealed: _sealed,
    after_seq: _after,
    ...row
  } = rowSchema.parse(raw);
  return webhookSchema.parse({ ...row, events: json(row['events']) });
}
