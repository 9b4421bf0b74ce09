import type { ApiKey } from '@sandboxed/domain';
import { apiKeySchema } from '@sandboxed/domain';
import { z } from 'zod';
import { decodeCursor, json, pageOf } from './rows.ts';
import type { Session } from './session.ts';
import type { Page } from './store.ts';

/** Columns that its maker decides. */
export type NewApiKey = Omit<ApiKey, 'last_used_at' | 'revoked_at'> & {
  /** SHA-256 of the secret. */
  readonly hash: Buffer;
};

interface ApiKeyQuery {
  /** Whose; everybody's without. */
  readonly tenant?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Keys of the API. Revoked ones and those whose term is over stay for as long as the history does (`trim`). */
export interface ApiKeys {
  insert(key: NewApiKey): ApiKey;
  get(id: string): ApiKey | undefined;
  /** The key whose secret begins so, with its hash to compare. */
  byPrefix(
    prefix: string,
  ): { readonly key: ApiKey; readonly hash: Buffer } | undefined;
  /** Newest first. */
  list(query: ApiKeyQuery): Page<ApiKey>;
  /** How many of a tenant, or of all, can be used. */
  countActive(now: number, tenant?: string): number;
  /** For good. Answers the key as it is then, undefined when there is none; one that was revoked keeps its time. */
  revoke(id: string, now: number): ApiKey | undefined;
  used(id: string, now: number): void;
}

const hashSchema = z.looseObject({ hash: z.instanceof(Buffer) });
const rowSchema = z.record(z.string(), z.unknown());

/** Keys of the API on one connection. */
export function createApiKeys({ db }: Session): ApiKeys {
  const insert = db.prepare(
    `INSERT INTO api_keys (id, tenant, name, prefix, hash, scopes, made_by, created_at, expires_at)
     VALUES (@id, @tenant, @name, @prefix, @hash, @scopes, @made_by, @created_at, @expires_at)`,
  );
  const byId = db.prepare<[string]>('SELECT * FROM api_keys WHERE id = ?');
  const byPrefix = db.prepare<[string]>(
    'SELECT * FROM api_keys WHERE prefix = ?',
  );
  const count = db
    .prepare<[{ readonly now: number; readonly tenant: string | null }]>(
      `SELECT COUNT(*) FROM api_keys WHERE (@tenant IS NULL OR tenant = @tenant)
         AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)`,
    )
    .pluck();
  const revoke = db.prepare<[number, string]>(
    'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  );
  const used = db.prepare<[number, string]>(
    'UPDATE api_keys SET last_used_at = ? WHERE id = ?',
  );

  const get = (id: string): ApiKey | undefined => {
    const row = byId.get(id);
    return row === undefined ? undefined : toKey(row);
  };

  return {
    insert({ scopes, ...rest }) {
      insert.run({ ...rest, scopes: JSON.stringify(scopes) });
      return toKey(byId.get(rest.id));
    },
    get,
    byPrefix(prefix) {
      const row = byPrefix.get(prefix);
      if (row === undefined) return undefined;
      return { key: toKey(row), hash: hashSchema.parse(row).hash };
    },
    list({ tenant, limit, cursor }) {
      const clauses = ['1 = 1'];
      const values: unknown[] = [];
      if (tenant !== undefined) {
        clauses.push('tenant = ?');
        values.push(tenant);
      }
      if (cursor !== undefined) {
        clauses.push('(created_at, id) < (?, ?)');
        values.push(...decodeCursor(cursor));
      }
      const rows = db
        .prepare(
          `SELECT * FROM api_keys WHERE ${clauses.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
        )
        .all(...values, limit + 1)
        .map(toKey);
      return pageOf(rows, limit);
    },
    countActive: (now, tenant) =>
      z.int().parse(count.get({ now, tenant: tenant ?? null })),
    revoke(id, now) {
      revoke.run(now, id);
      return get(id);
    },
    used(id, now) {
      used.run(now, id);
    },
  };
}

function toKey(raw: unknown): ApiKey {
  const { hash: _hash, ...row } = rowSchema.parse(raw);
  return apiKeySchema.parse({ ...row, scopes: json(row['scopes']) });
}
