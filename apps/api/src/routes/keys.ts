import type { ApiKey } from '@sandboxed/domain';
import {
  createKeyRequestSchema,
  DomainError,
  keyStatus,
  MAX_KEYS_OF_TENANT,
  SCOPES,
  tenantSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { hashOf, isOpen } from '../access-config.ts';
import { commit } from '../http/commit.ts';
import { pageQuerySchema } from '../http/params.ts';
import type { Call, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { refuseToRepeat } from '../http/secret-once.ts';
import { newSecret, prefixOf } from '../key-secret.ts';

const keyViewSchema = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  status: z.enum(['active', 'revoked', 'expired']),
  made_by: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});

const time = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

function keyView(key: ApiKey, now: number): z.output<typeof keyViewSchema> {
  return {
    ...key,
    status: keyStatus(key, now),
    created_at: new Date(key.created_at).toISOString(),
    expires_at: time(key.expires_at),
    last_used_at: time(key.last_used_at),
    revoked_at: time(key.revoked_at),
  };
}

const KEY_EXAMPLE = {
  id: '01M3H5W3QMZJ9V1K0TT5X7BD2C',
  tenant: 'ann',
  name: 'ci',
  prefix: 'sk_4fGh2',
  scopes: ['write'],
  status: 'active',
  made_by: 'api:ann',
  created_at: '2026-11-28T09:30:00.000Z',
  expires_at: '2026-12-28T09:30:00.000Z',
  last_used_at: null,
  revoked_at: null,
};

const create = route({
  method: 'post',
  operationId: 'createKey',
  tag: 'Keys',
  paths: ['/v1/keys'],
  summary:
    'Make an API key of a tenant; `secret` is shown this once. Takes no Idempotency-Key',
  scope: 'admin',
  body: createKeyRequestSchema,
  answer: keyViewSchema.extend({
    secret: z.string(),
    note: z.string().optional(),
  }),
  example: {
    body: { name: 'ci', scopes: ['write'], expires_in_seconds: 2_592_000 },
    answer: { ...KEY_EXAMPLE, secret: 'sk_…' },
  },
  answersSecret: true,
  statuses: [201],
  handle(call) {
    const { deps, body } = call;
    const { store, now, newId, config } = deps;
    refuseToRepeat(call, 'key');
    const tenant = body.tenant ?? call.tenant;
    const seconds = body.expires_in_seconds;
    const secret = newSecret();
    const at = now();
    return commit(call, () => {
      if (store.apiKeys.countActive(at, tenant) >= MAX_KEYS_OF_TENANT)
        throw new DomainError(
          'invalid_request',
          `The tenant "${tenant}" has ${MAX_KEYS_OF_TENANT} keys that can be used, and gets no more until some are revoked.`,
        );
      const key = store.apiKeys.insert({
        id: newId(),
        tenant,
        name: body.name,
        prefix: prefixOf(secret),
        hash: hashOf(secret),
        scopes: [...new Set(body.scopes)],
        made_by: call.actor,
        created_at: at,
        expires_at: seconds === undefined ? null : at + seconds * 1_000,
      });
      return {
        status: 201,
        body: {
          ...keyView(key, at),
          secret,
          ...(isOpen(config) && {
            note: 'The API is open: it answers on this host without a key, too. Set SANDBOXD_API_TOKENS to have keys asked for.',
          }),
        },
        headers: {
          Location: `/v1/keys/${key.id}`,
          'Cache-Control': 'no-store',
        },
      };
    });
  },
});

const list = route({
  method: 'get',
  operationId: 'listKeys',
  tag: 'Keys',
  paths: ['/v1/keys'],
  summary: 'List API keys, newest first, without their secrets',
  scope: 'admin',
  query: pageQuerySchema.extend({
    tenant: tenantSchema.optional().describe('Those of this tenant alone.'),
  }),
  answer: z.object({
    items: z.array(keyViewSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [KEY_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle({ deps, query }) {
    const { tenant, limit, cursor } = query;
    const page = deps.store.apiKeys.list({
      limit,
      ...(tenant !== undefined && { tenant }),
      ...(cursor !== undefined && { cursor }),
    });
    const at = deps.now();
    return {
      status: 200,
      body: {
        items: page.items.map((key) => keyView(key, at)),
        next_cursor: page.nextCursor ?? null,
      },
    };
  },
});

const read = route({
  method: 'get',
  operationId: 'getKey',
  tag: 'Keys',
  paths: ['/v1/keys/{key}'],
  summary: 'Read an API key, without its secret',
  scope: 'admin',
  answer: keyViewSchema,
  example: { answer: KEY_EXAMPLE },
  statuses: [200],
  handle(call) {
    const { store, now } = call.deps;
    const key = store.apiKeys.get(idOf(call)) ?? missing(call);
    return { status: 200, body: keyView(key, now()) };
  },
});

const revoke = route({
  method: 'delete',
  operationId: 'revokeKey',
  tag: 'Keys',
  paths: ['/v1/keys/{key}'],
  summary:
    'Revoke an API key: refused from now on, its calls under way cut within seconds; jobs that it asked for go on',
  scope: 'admin',
  answer: keyViewSchema,
  example: {
    answer: {
      ...KEY_EXAMPLE,
      status: 'revoked',
      revoked_at: '2026-11-29T08:00:00.000Z',
    },
  },
  statuses: [200],
  handle(call) {
    const { store, now } = call.deps;
    return commit(call, () => {
      const at = now();
      const key = store.apiKeys.revoke(idOf(call), at) ?? missing(call);
      return { status: 200, body: keyView(key, at) };
    });
  },
});

function idOf({ params }: Call): string {
  return (params['key'] ?? '').toUpperCase();
}

function missing(call: Call): never {
  throw new DomainError(
    'key_not_found',
    `There is no API key ${idOf(call)}. GET /v1/keys lists them.`,
  );
}

export const KEY_ROUTES: readonly Route[] = [create, list, read, revoke];
