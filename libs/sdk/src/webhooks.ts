import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { Client } from './http/client.ts';
import type { CallOptions, Connection } from './http/connection.ts';
import { paged } from './http/pages.ts';
import type { AnswerOf, BodyOf } from './http/routes.ts';
import type { components } from './wire.ts';

type Wire = components['schemas'];
type Spec = BodyOf<'/v1/webhooks', 'post'>;
type Change = BodyOf<'/v1/webhooks/{id}', 'patch'>;

/** A URL that is told what happens, without its secret. */
export type Webhook = Camel<Wire['Webhook']>;
/** A webhook with the secret that its deliveries are signed with, which is shown this once. */
export type NewWebhook = Camel<AnswerOf<'/v1/webhooks', 'post'>>;
export type WebhookSpec = Camel<Spec>;
export type WebhookChange = Camel<Change>;
/** What a webhook was sent or will be, with the outcome of the last try. */
export type Delivery = Camel<Wire['Delivery']>;
/** A delivery with the body that was signed. */
export type SentDelivery = Camel<
  AnswerOf<'/v1/webhooks/{id}/deliveries/{deliveryId}', 'get'>
>;

/** URLs that are told what happens to the caller's sandboxes, signed as Standard Webhooks says. All but `create` and `list` throw `NotFoundError`. */
export class Webhooks {
  readonly #client: Client;

  constructor(connection: Connection) {
    this.#client = new Client(connection);
  }

  /** Not tried again when its answer is lost, since the secret cannot be shown again. */
  async create(
    spec: WebhookSpec,
    options: CallOptions = {},
  ): Promise<NewWebhook> {
    const body = fromCamel<Spec>(spec);
    return toCamel(
      await this.#client.json('post', '/v1/webhooks', { body }, options),
    );
  }

  /** All of them, oldest first. */
  async list(options: CallOptions = {}): Promise<readonly Webhook[]> {
    const { items } = await this.#client.json(
      'get',
      '/v1/webhooks',
      {},
      options,
    );
    return toCamel(items);
  }

  async get(id: string, options: CallOptions = {}): Promise<Webhook> {
    const params = { id };
    return toCamel(
      await this.#client.json('get', '/v1/webhooks/{id}', { params }, options),
    );
  }

  /** Changes it, switches it off (what waits is given up) or on again (it hears of what happens from then on). */
  async update(
    id: string,
    change: WebhookChange,
    options: CallOptions = {},
  ): Promise<Webhook> {
    const call = { params: { id }, body: fromCamel<Change>(change) };
    return toCamel(
      await this.#client.json('patch', '/v1/webhooks/{id}', call, options),
    );
  }

  /** Removes it with all its deliveries. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const params = { id };
    await this.#client.remove('/v1/webhooks/{id}', { params }, options);
  }

  /** Gives it a new secret; for a day deliveries are signed with the one before, too. */
  async rotate(id: string, options: CallOptions = {}): Promise<NewWebhook> {
    const params = { id };
    return toCamel(
      await this.#client.json(
        'post',
        '/v1/webhooks/{id}/rotate-secret',
        { params },
        options,
      ),
    );
  }

  /** Sends it a delivery of type `webhook.test`, whose outcome {@link delivery} tells later. */
  async test(id: string, options: CallOptions = {}): Promise<SentDelivery> {
    const params = { id };
    return toCamel(
      await this.#client.json(
        'post',
        '/v1/webhooks/{id}/test',
        { params },
        options,
      ),
    );
  }

  /** What it was sent and what waits, newest first; pages are read as they are needed. */
  async *deliveries(
    id: string,
    options: CallOptions = {},
  ): AsyncGenerator<Delivery, void, undefined> {
    for await (const delivery of paged((after) =>
      this.#client.json(
        'get',
        '/v1/webhooks/{id}/deliveries',
        { params: { id }, query: { ...after, limit: 200 } },
        options,
      ),
    ))
      yield toCamel(delivery);
  }

  async delivery(
    id: string,
    deliveryId: string,
    options: CallOptions = {},
  ): Promise<SentDelivery> {
    const params = { id, deliveryId };
    return toCamel(
      await this.#client.json(
        'get',
        '/v1/webhooks/{id}/deliveries/{deliveryId}',
        { params },
        options,
      ),
    );
  }

  /** Sends a delivery again, under the same webhook-id; one that waits is tried at once. */
  async redeliver(
    id: string,
    deliveryId: string,
    options: CallOptions = {},
  ): Promise<SentDelivery> {
    const params = { id, deliveryId };
    return toCamel(
      await this.#client.json(
        'post',
        '/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver',
        { params },
        options,
      ),
    );
  }
}
