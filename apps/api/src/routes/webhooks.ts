import { randomBytes } from 'node:crypto';
import type { Webhook } from '@sandboxed/domain';
import {
  createWebhookRequestSchema,
  DISABLED_REASONS,
  DomainError,
  MAX_WEBHOOKS_OF_TENANT,
  patchWebhookRequestSchema,
  WEBHOOK_EVENTS,
} from '@sandboxed/domain';
import { z } from 'zod';
import { commit } from '../http/commit.ts';
import { ownOnly } from '../http/params.ts';
import type { Call, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { refuseToRepeat } from '../http/secret-once.ts';
import { missingWebhook, webhookIdOf, webhookOf } from './webhook-of.ts';

const SECRET_BYTES = 32;

/** A webhook as clients see it. */
export const webhookViewSchema = z.object({
  id: z.string(),
  tenant: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  description: z.string(),
  status: z.enum(['enabled', 'disabled']),
  disabled_reason: z.enum(DISABLED_REASONS).nullable(),
  disabled_at: z.string().nullable(),
  failing_since: z.string().nullable(),
  last_success_at: z.string().nullable(),
  made_by: z.string(),
  created_at: z.string(),
});
const withSecretSchema = webhookViewSchema.extend({ secret: z.string() });

const time = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString();

function webhookView(webhook: Webhook): z.output<typeof webhookViewSchema> {
  return {
    ...webhook,
    status: webhook.disabled_at === null ? 'enabled' : 'disabled',
    disabled_at: time(webhook.disabled_at),
    failing_since: time(webhook.failing_since),
    last_success_at: time(webhook.last_success_at),
    created_at: new Date(webhook.created_at).toISOString(),
  };
}

/** As Standard Webhooks writes them. */
function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

const UNSTORED = { 'Cache-Control': 'no-store' } as const;

/** Throws `invalid_request` for a URL without TLS, unless the installation allows it. */
function assertUrl({ deps }: Call, url: string | undefined): void {
  if (url === undefined || deps.config.SANDBOXED_WEBHOOK_HTTP) return;
  if (new URL(url).protocol === 'https:') return;
  throw new DomainError(
    'invalid_request',
    'The URL of a webhook must be https here. SANDBOXED_WEBHOOK_HTTP=true allows http.',
    { fields: [{ path: '/url', message: 'must be an https URL' }] },
  );
}

const WEBHOOK_EXAMPLE = {
  id: '01M3H5W3QMZJ9V1K0TT5X7BD2E',
  tenant: 'ann',
  url: 'https://example.com/hooks',
  events: ['task.finished'],
  description: '',
  status: 'enabled',
  disabled_reason: null,
  disabled_at: null,
  failing_since: null,
  last_success_at: '2026-11-28T09:30:00.000Z',
  made_by: 'api:ann',
  created_at: '2026-11-27T08:00:00.000Z',
};

const create = route({
  method: 'post',
  operationId: 'createWebhook',
  tag: 'Webhooks',
  paths: ['/v1/webhooks'],
  summary:
    "Have events of the caller's sandboxes delivered to a URL, signed as Standard Webhooks says; `secret` is shown this once. Takes no Idempotency-Key",
  body: createWebhookRequestSchema,
  answer: withSecretSchema,
  example: {
    body: { url: 'https://example.com/hooks', events: ['task.finished'] },
    answer: { ...WEBHOOK_EXAMPLE, secret: 'whsec_…' },
  },
  answersSecret: true,
  statuses: [201],
  handle(call) {
    const { deps, body, tenant, actor } = call;
    const { store, now, newId } = deps;
    refuseToRepeat(call, 'webhook');
    assertUrl(call, body.url);
    const secret = newSecret();
    return commit(call, () => {
      const used = store.webhooks.count(tenant);
      if (used >= MAX_WEBHOOKS_OF_TENANT)
        throw new DomainError(
          'quota_exceeded',
          `The tenant "${tenant}" has ${String(used)} webhooks, and gets no more until one is removed.`,
          { quota: { name: 'webhooks', used, limit: MAX_WEBHOOKS_OF_TENANT } },
        );
      const webhook = store.webhooks.insert(
        {
          id: newId(),
          tenant,
          url: body.url,
          events: body.events ?? [...WEBHOOK_EVENTS],
          description: body.description ?? '',
          made_by: actor,
          created_at: now(),
        },
        secret,
      );
      return {
        status: 201,
        body: { ...webhookView(webhook), secret },
        headers: { Location: `/v1/webhooks/${webhook.id}`, ...UNSTORED },
      };
    });
  },
});

const list = route({
  method: 'get',
  operationId: 'listWebhooks',
  tag: 'Webhooks',
  paths: ['/v1/webhooks'],
  summary: 'List webhooks, oldest first, without their secrets',
  answer: z.object({ items: z.array(webhookViewSchema) }),
  example: { answer: { items: [WEBHOOK_EXAMPLE] } },
  statuses: [200],
  handle(call) {
    const webhooks = call.deps.store.webhooks.list(ownOnly(call).tenant);
    return { status: 200, body: { items: webhooks.map(webhookView) } };
  },
});

const read = route({
  method: 'get',
  operationId: 'getWebhook',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}'],
  summary:
    'Read a webhook, without its secret: whether it is enabled, and since when it fails',
  answer: webhookViewSchema,
  example: { answer: WEBHOOK_EXAMPLE },
  statuses: [200],
  handle: (call) => ({ status: 200, body: webhookView(webhookOf(call)) }),
});

const patch = route({
  method: 'patch',
  operationId: 'updateWebhook',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}'],
  summary:
    'Change a webhook, switch it off (what waits is given up) or on again (it hears of what happens from then on)',
  body: patchWebhookRequestSchema,
  answer: webhookViewSchema,
  example: { body: { enabled: true }, answer: WEBHOOK_EXAMPLE },
  statuses: [200],
  handle(call) {
    assertUrl(call, call.body.url);
    return commit(call, () => {
      const { store, now } = call.deps;
      const { id } = webhookOf(call);
      const webhook = store.webhooks.patch(id, call.body, now());
      return {
        status: 200,
        body: webhookView(webhook ?? missingWebhook(call)),
      };
    });
  },
});

const remove = route({
  method: 'delete',
  operationId: 'removeWebhook',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}'],
  summary: 'Remove a webhook with all its deliveries',
  answer: z.object({ id: z.string() }),
  example: { answer: { id: WEBHOOK_EXAMPLE.id } },
  statuses: [200],
  handle: (call) =>
    commit(call, () => {
      const { id } = webhookOf(call);
      call.deps.store.webhooks.remove(id);
      return { status: 200, body: { id: webhookIdOf(call) } };
    }),
});

const rotate = route({
  method: 'post',
  operationId: 'rotateWebhookSecret',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}/rotate-secret'],
  summary:
    'Give a webhook a new secret, shown this once; for a day deliveries are signed with the one before, too. Takes no Idempotency-Key',
  answer: withSecretSchema,
  example: { answer: { ...WEBHOOK_EXAMPLE, secret: 'whsec_…' } },
  answersSecret: true,
  statuses: [200],
  handle(call) {
    refuseToRepeat(call, 'webhook');
    const secret = newSecret();
    return commit(call, () => {
      const { store, now } = call.deps;
      const { id } = webhookOf(call);
      const webhook =
        store.webhooks.rotate(id, secret, now()) ?? missingWebhook(call);
      return {
        status: 200,
        body: { ...webhookView(webhook), secret },
        headers: UNSTORED,
      };
    });
  },
});

export const WEBHOOK_ROUTES: readonly Route[] = [
  create,
  list,
  read,
  patch,
  remove,
  rotate,
];
