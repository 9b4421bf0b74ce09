import type { SandboxId, SandboxRecord, SandboxState } from '@sandboxed/domain';
import {
  DomainError,
  envSchema,
  firstGeneration,
  sandboxRecordSchema,
  SANDBOX_STATES,
  transition,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Cipher } from './cipher.ts';
import { listSandboxes } from './list-sandboxes.ts';
import { toSandbox } from './rows.ts';
import { envOf } from './sealed-columns.ts';
import type { Session } from './session.ts';
import type { Sandboxes } from './store.ts';

const COLUMNS = [
  'id',
  'tenant',
  'name',
  'state',
  'state_reason',
  'state_actor',
  'error_code',
  'error_message',
  'image',
  'template',
  'ports',
  'env_names',
  'env_sealed',
  'labels',
  'limits',
  'idle_policy',
  'idle_timeout_seconds',
  'visibility',
  'preview_generation',
  'wake',
  'egress',
  'external',
  'generation',
  'version',
  'has_workspace',
  'reserved_mb',
  'created_at',
  'updated_at',
  'last_active_at',
  'keepalive_until',
  'stopped_at',
] as const;

const OUTLINE = 'SELECT id, state, generation, version FROM sandboxes';
const outlineSchema = sandboxRecordSchema.pick({
  id: true,
  state: true,
  generation: true,
  version: true,
});

const tenantSchema = z.string().optional();

/** Times of the same moment may lie this far apart. Milliseconds. */
const CLOCK_SLACK_MS = 60_000;

/** Rows of sandboxes on one connection. */
export function createSandboxes(session: Session, cipher: Cipher): Sandboxes {
  const { db } = session;
  const select = db.prepare<[string]>('SELECT * FROM sandboxes WHERE id = ?');
  const outlines = db.prepare(
    `${OUTLINE} WHERE state IN ('creating', 'starting', 'running', 'stopping', 'deleting')`,
  );
  const outline = db.prepare<[string]>(`${OUTLINE} WHERE id = ?`);
  const upsert = db.prepare<[Record<string, unknown>]>(
    `INSERT OR REPLACE INTO sandboxes (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')})`,
  );
  const forgetServices = db.prepare<[string]>(
    'DELETE FROM services WHERE sandbox_id = ?',
  );
  const forgetSample = db.prepare<[string]>(
    'DELETE FROM samples WHERE sandbox_id = ?',
  );
  const forgetAddress = db.prepare<[string]>(
    'DELETE FROM addresses WHERE sandbox_id = ?',
  );
  const forgetEnv = db.prepare<[Buffer, string]>(
    `UPDATE sandboxes SET env_sealed = ?, env_names = '[]' WHERE id = ?`,
  );
  const selectTenant = db
    .prepare<[string]>('SELECT tenant FROM sandboxes WHERE id = ?')
    .pluck();
  const selectEnv = db
    .prepare<[string]>('SELECT env_sealed FROM sandboxes WHERE id = ?')
    .pluck();
  const update = db.prepare<[Record<string, unknown>]>(
    `UPDATE sandboxes SET state = @state, state_reason = @state_reason, state_actor = @state_actor,
       error_code = @error_code, error_message = @error_message, generation = @generation, reserved_mb = @reserved_mb,
       stopped_at = @stopped_at, name = @name, labels = @labels, limits = @limits, idle_policy = @idle_policy,
       idle_timeout_seconds = @idle_timeout_seconds, visibility = @visibility, has_workspace = @has_workspace,
       last_active_at = @last_active_at, updated_at = @updated_at, version = version + 1
     WHERE id = @id AND version = @version`,
  );
  const touch = db.prepare<[{ id: string; at: number; ahead: number }]>(
    `UPDATE sandboxes SET last_active_at = @at
     WHERE id = @id AND (last_active_at < @at OR last_active_at > @ahead)`,
  );
  const revokePreviews = db.prepare<[{ id: string | null; now: number }]>(
    `UPDATE sandboxes SET preview_generation = MAX(preview_generation + 1, @now), version = version + 1
     WHERE @id IS NULL OR id = @id`,
  );
  const keepAlive = db.prepare<[number, string]>(
    'UPDATE sandboxes SET keepalive_until = ? WHERE id = ?',
  );
  const forgetWorkspace = db.prepare<[string]>(
    'UPDATE sandboxes SET has_workspace = 0, version = version + 1 WHERE id = ?',
  );
  const forgetDisk = db.prepare<[string]>(
    'DELETE FROM disk_use WHERE sandbox_id = ?',
  );
  const reserve = db.prepare<[number, string]>(
    `UPDATE sandboxes SET reserved_mb = ? WHERE id = ? AND state IN ('creating', 'starting')`,
  );
  const reserved = db
    .prepare(
      'SELECT COALESCE(SUM(reserved_mb), 0) FROM sandboxes WHERE reserved_mb > 0',
    )
    .pluck();
  const idle = db.prepare<[number, number, number]>(
    `SELECT * FROM sandboxes INDEXED BY sandboxes_idle
     WHERE state = 'running' AND idle_policy = 'sleep' AND last_active_at + idle_timeout_seconds * 1000 <= ?
       AND (keepalive_until IS NULL OR keepalive_until <= ?)
       AND NOT EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_mailbox
         WHERE jobs.sandbox_id = sandboxes.id AND jobs.status IN ('queued', 'running'))
     ORDER BY last_active_at + idle_timeout_seconds * 1000 LIMIT ?`,
  );
  const counts = db.prepare(
    'SELECT state, COUNT(*) AS n FROM sandboxes GROUP BY state',
  );

  function get(id: SandboxId): SandboxRecord | undefined {
    const row = select.get(id);
    return row === undefined ? undefined : toSandbox(row);
  }

  function must(id: SandboxId): SandboxRecord {
    const sandbox = get(id);
    if (sandbox === undefined)
      throw new DomainError('sandbox_not_found', `There is no sandbox ${id}.`);
    return sandbox;
  }

  /** The only write of an existing row's decided columns; the row must still be the version that was read. */
  function write(sandbox: SandboxRecord): SandboxRecord {
    const { changes } = update.run(columns(sandbox));
    if (changes !== 1)
      throw new DomainError(
        'stale_write',
        `Sandbox ${sandbox.id} was changed by somebody else meanwhile.`,
      );
    return must(sandbox.id);
  }

  return {
    get,

    insert(sandbox, env, { actor, now, generation }) {
      return session.transaction(() => {
        const earlier = get(sandbox.id);
        if (
          earlier !== undefined &&
          (earlier.state !== 'deleted' || earlier.tenant !== sandbox.tenant)
        )
          throw new DomainError(
            'id_taken',
            `The id ${sandbox.id} is taken. Choose another one, or delete your sandbox of that id first.`,
          );
        forgetServices.run(sandbox.id);
        forgetSample.run(sandbox.id);
        const record: SandboxRecord = {
          ...sandbox,
          state: 'creating',
          state_reason: 'created on request',
          state_actor: actor,
          error_code: null,
          error_message: null,
          // By the clock too: above that of an earlier sandbox of this id whose tombstone is trimmed.
          preview_generation: Math.max(
            (earlier?.preview_generation ?? 0) + 1,
            now,
          ),
          env_names: Object.keys(env).sort(),
          generation:
            earlier === undefined
              ? (generation ?? firstGeneration(now))
              : earlier.generation + 1,
          version: (earlier?.version ?? 0) + 1,
          has_workspace: true,
          reserved_mb: 0,
          created_at: now,
          updated_at: now,
          last_active_at: now,
          keepalive_until: null,
          stopped_at: null,
        };
        upsert.run({
          ...columns(record),
          env_sealed: cipher.seal(env, envOf(sandbox.id)),
        });
        session.append({
          sandboxId: sandbox.id,
          jobId: null,
          type: 'state',
          data: {
            from: earlier?.state ?? null,
            to: 'creating',
            reason: record.state_reason,
            actor,
          },
          now,
        });
        return must(sandbox.id);
      });
    },

    list: (query) => listSandboxes(db, query),

    outlines: () => outlines.all().map((row) => outlineSchema.parse(row)),

    outline(id) {
      const row = outline.get(id);
      return row === undefined ? undefined : outlineSchema.parse(row);
    },

    inStates(states) {
      return db
        .prepare(
          `SELECT * FROM sandboxes WHERE state IN (${states.map(() => '?').join(', ')})`,
        )
        .all(...states)
        .map(toSandbox);
    },

    tenantOf: (id) => tenantSchema.parse(selectTenant.get(id)),

    env(id) {
      const sealed = z.instanceof(Buffer).parse(selectEnv.get(id));
      return envSchema.parse(cipher.open(sealed, envOf(id)));
    },

    transition(id, event, details) {
      return session.transaction(() => {
        const before = must(id);
        const to = transition(before.state, event);
        const after = write({
          ...before,
          state: to,
          state_reason: details.reason,
          state_actor: details.actor,
          error_code: details.error?.code ?? null,
          error_message: details.error?.message ?? null,
          reserved_mb: 0,
          stopped_at: to === 'stopped' ? details.now : null,
          updated_at: details.now,
        });
        if (to === 'deleted') {
          forgetServices.run(id);
          forgetSample.run(id);
          forgetAddress.run(id);
          forgetEnv.run(cipher.seal({}, envOf(id)), id);
        }
        session.append({
          sandboxId: id,
          jobId: null,
          type: 'state',
          data: {
            from: before.state,
            to,
            reason: details.reason,
            actor: details.actor,
          },
          now: details.now,
        });
        return after;
      });
    },

    patch(id, patch, now) {
      return session.transaction(() =>
        write({ ...must(id), ...patch, updated_at: now }),
      );
    },

    touch(id, at) {
      touch.run({ id, at, ahead: at + CLOCK_SLACK_MS });
    },

    revokePreviews(id, now) {
      revokePreviews.run({ id: id === 'all' ? null : id, now });
    },

    keepAlive(id, until) {
      keepAlive.run(until, id);
    },

    forgetWorkspace(id) {
      forgetWorkspace.run(id);
      forgetDisk.run(id);
    },

    reserve(id, mb) {
      reserve.run(mb, id);
    },

    reservedMb: () => z.number().parse(reserved.get()),

    idleCandidates: (now, limit) => idle.all(now, now, limit).map(toSandbox),

    countByState() {
      const found = new Map(
        z
          .array(z.object({ state: z.enum(SANDBOX_STATES), n: z.int() }))
          .parse(counts.all())
          .map(({ state, n }) => [state, n]),
      );
      const all = SANDBOX_STATES.map((state): [SandboxState, number] => [
        state,
        found.get(state) ?? 0,
      ]);
      return z
        .record(z.enum(SANDBOX_STATES), z.int())
        .parse(Object.fromEntries(all));
    },
  };
}

function columns(sandbox: SandboxRecord): Record<string, unknown> {
  return {
    ...sandbox,
    ports: JSON.stringify(sandbox.ports),
    env_names: JSON.stringify(sandbox.env_names),
    labels: JSON.stringify(sandbox.labels),
    limits: JSON.stringify(sandbox.limits),
    external: JSON.stringify(sandbox.external),
    has_workspace: sandbox.has_workspace ? 1 : 0,
  };
}
