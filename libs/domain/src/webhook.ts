import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { tenantSchema } from './api-key.ts';

/** A tenant keeps at most so many. */
export const MAX_WEBHOOKS_OF_TENANT = 10;
/** One that has so many deliveries before it is switched off: its receiver is too slow for what it asked for. */
export const MAX_PENDING_DELIVERIES = 10_000;
/** So many deliveries that ended are kept of one webhook. */
export const MAX_ENDED_DELIVERIES = 5_000;
/** After a rotation, deliveries carry a signature by the secret before it for so long. Milliseconds. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000;

/** What can be told of. `webhook.test` comes when it is asked for, whatever a webhook wants. */
export const WEBHOOK_EVENTS = [
  'sandbox.created',
  'sandbox.started',
  'sandbox.stopped',
  'sandbox.failed',
  'sandbox.deleted',
  'task.finished',
  'job.failed',
  'service.changed',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];
export const WEBHOOK_TEST = 'webhook.test';

/** Why one is switched off: by its owner, or because nothing could be delivered, its receiver said 410, or far too much waits. */
export const DISABLED_REASONS = [
  'asked',
  'failing',
  'gone',
  'backlog',
] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

const LOWEST_OTHER_PORT = 1_024;

/** Below 1,024 only the ports of the web: no mail, no shell. */
function isPortAllowed({ port }: URL): boolean {
  return port === '' || port === '80' || Number(port) >= LOWEST_OTHER_PORT;
}

/** Where to deliver: no user, no fragment. `http:` has to be allowed by the installation; which addresses are, is looked at when it connects. */
export const webhookUrlSchema = z
  .string()
  .max(2_048)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return (
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      url.username + url.password + url.hash === '' &&
      isPortAllowed(url)
    );
  }, 'must be an http or https URL without a user and a fragment, of port 80, 443 or from 1024 on');

const eventsSchema = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .transform((events) => [...new Set(events)]);

/** Body of `POST /v1/webhooks`. */
export const createWebhookRequestSchema = z.strictObject({
  url: webhookUrlSchema.describe(
    'Where to deliver: https and a public address, unless the settings allow others.',
  ),
  events: eventsSchema
    .optional()
    .describe('What it is told of; everything unless given.'),
  description: plainText(256, 0).optional().describe('For people.'),
});

/** Body of `PATCH /v1/webhooks/{id}`. What happens while one is not enabled is not delivered later. */
export const patchWebhookRequestSchema = z.strictObject({
  url: webhookUrlSchema.optional().describe('Where to deliver from now on.'),
  events: eventsSchema.optional().describe('What it is told of from now on.'),
  description: plainText(256, 0).optional().describe('For people.'),
  enabled: z
    .boolean()
    .optional()
    .describe(
      'Whether it is delivered to. What happens meanwhile is not delivered later.',
    ),
});
export type WebhookPatch = z.output<typeof patchWebhookRequestSchema>;

/** A row of `webhooks`, without its secrets. Times in ms since the epoch. */
export const webhookSchema = z.strictObject({
  id: z.ulid(),
  tenant: tenantSchema,
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  description: z.string(),
  made_by: z.string(),
  created_at: z.int(),
  /** Null while it is enabled. */
  disabled_reason: z.enum(DISABLED_REASONS).nullable(),
  disabled_at: z.int().nullable(),
  /** When the first try failed that no success came after. */
  failing_since: z.int().nullable(),
  last_success_at: z.int().nullable(),
});
export type Webhook = z.output<typeof webhookSchema>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A row of `webhook_deliveries`. Its id is the `webhook-id` of every try. Times in ms since the epoch. */
export const deliverySchema = z.strictObject({
  id: z.ulid(),
  webhook_id: z.ulid(),
  type: z.enum([...WEBHOOK_EVENTS, WEBHOOK_TEST]),
  body: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  /** When it is tried next; while a try is under way, when that counts as lost. */
  next_at: z.int(),
  created_at: z.int(),
  finished_at: z.int().nullable(),
  /** What the last try was answered with; null for no answer. */
  response_status: z.int().nullable(),
  duration_ms: z.int().nullable(),
  error: z.string().nullable(),
});
export type Delivery = z.output<typeof deliverySchema>;
