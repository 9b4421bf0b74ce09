import type { Delivery } from '@sandboxed/domain';
import {
  DELIVERY_STATUSES,
  DomainError,
  WEBHOOK_EVENTS,
  WEBHOOK_TEST,
} from '@sandboxed/domain';
import { z } from 'zod';
import { commit } from '../http/commit.ts';
import { pageQuerySchema } from '../http/params.ts';
import type { Call, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { webhookOf } from './webhook-of.ts';

/** A delivery as clients see it, without what is sent. */
export const deliveryViewSchema = z.object({
  id: z.string(),
  webhook_id: z.string(),
  type: z.enum([...WEBHOOK_EVENTS, WEBHOOK_TEST]),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  next_attempt_at: z.string().nullable(),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  response_status: z.int().nullable(),
  duration_ms: z.int().nullable(),
  error: z.string().nullable(),
});

function deliveryView({
  next_at,
  ...delivery
}: Omit<Delivery, 'body'>): z.output<typeof deliveryViewSchema> {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    ...delivery,
    next_attempt_at: delivery.status === 'pending' ? time(next_at) : null,
    created_at: time(delivery.created_at),
    finished_at:
      delivery.finished_at === null ? null : time(delivery.finished_at),
  };
}

/** With what is sent, as it is sent. */
const wholeSchema = deliveryViewSchema.extend({ body: z.string() });

function wholeView({
  body,
  ...delivery
}: Delivery): z.output<typeof wholeSchema> {
  return { ...deliveryView(delivery), body };
}

const DELIVERY_EXAMPLE = {
  id: '01M3H5W3QMZJ9V1K0TT5X7BD2F',
  webhook_id: '01M3H5W3QMZJ9V1K0TT5X7BD2E',
  type: 'task.finished',
  status: 'delivered',
  attempts: 1,
  next_attempt_at: null,
  created_at: '2026-11-28T09:30:00.000Z',
  finished_at: '2026-11-28T09:30:00.212Z',
  response_status: 204,
  duration_ms: 84,
  error: null,
};
const WHOLE_EXAMPLE = {
  ...DELIVERY_EXAMPLE,
  body: '{"type":"task.finished","timestamp":"2026-11-28T09:30:00.000Z","data":{}}',
};

const list = route({
  method: 'get',
  operationId: 'listDeliveries',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}/deliveries'],
  summary:
    'What a webhook was sent and what waits, newest first, with the outcome of the last try',
  query: pageQuerySchema,
  answer: z.object({
    items: z.array(deliveryViewSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [DELIVERY_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle(call) {
    const { limit, cursor } = call.query;
    const { id } = webhookOf(call);
    const page = call.deps.store.deliveries.list(id, limit, cursor);
    return {
      status: 200,
      body: {
        items: page.items.map(deliveryView),
        next_cursor: page.nextCursor ?? null,
      },
    };
  },
});

const read = route({
  method: 'get',
  operationId: 'getDelivery',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}/deliveries/{deliveryId}'],
  summary: 'Read a delivery with its body',
  answer: wholeSchema,
  example: { answer: WHOLE_EXAMPLE },
  statuses: [200],
  handle(call) {
    const { id } = webhookOf(call);
    const delivery = call.deps.store.deliveries.get(id, deliveryIdOf(call));
    return { status: 200, body: wholeView(delivery ?? missing(call)) };
  },
});

const redeliver = route({
  method: 'post',
  operationId: 'redeliver',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver'],
  summary:
    'Send a delivery again, under the same webhook-id; one that waits is tried at once',
  answer: wholeSchema,
  example: { answer: WHOLE_EXAMPLE },
  statuses: [202],
  handle: (call) =>
    commit(call, () => {
      const id = enabled(call);
      const { store, now } = call.deps;
      const delivery = store.deliveries.redeliver(
        id,
        deliveryIdOf(call),
        now(),
      );
      return { status: 202, body: wholeView(delivery ?? missing(call)) };
    }),
});

const test = route({
  method: 'post',
  operationId: 'testWebhook',
  tag: 'Webhooks',
  paths: ['/v1/webhooks/{id}/test'],
  summary: 'Send a webhook a delivery of type webhook.test',
  answer: wholeSchema,
  example: { answer: { ...WHOLE_EXAMPLE, type: 'webhook.test' } },
  statuses: [202],
  handle: (call) =>
    commit(call, () => {
      const id = enabled(call);
      const { store, now } = call.deps;
      return {
        status: 202,
        body: wholeView(store.deliveries.addTest(id, now())),
      };
    }),
});

/** The id of the webhook of the path. Throws `invalid_request` when it is switched off: nothing would be sent. */
function enabled(call: Call): string {
  const { id, disabled_at } = webhookOf(call);
  if (disabled_at === null) return id;
  throw new DomainError(
    'invalid_request',
    'The webhook is disabled: PATCH it with {"enabled": true} first.',
  );
}

function deliveryIdOf({ params }: Call): string {
  return (params['deliveryId'] ?? '').toUpperCase();
}

function missing(call: Call): never {
  throw new DomainError(
    'delivery_not_found',
    `There is no delivery ${deliveryIdOf(call)} of this webhook. GET …/deliveries lists them.`,
  );
}

export const DELIVERY_ROUTES: readonly Route[] = [list, read, redeliver, test];
