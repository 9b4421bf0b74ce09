import type { Camel } from './camel.ts';
import { fromCamel, toCamel } from './camel.ts';
import { Client } from './http/client.ts';
import type { CallOptions, Connection } from './http/connection.ts';
import { paged } from './http/pages.ts';
import type { AnswerOf, BodyOf } from './http/routes.ts';

type Spec = BodyOf<'/v1/keys', 'post'>;

/** An API key, without its secret. */
export type Key = Camel<AnswerOf<'/v1/keys/{key}', 'get'>>;
/** A key as it was made: `secret` is shown this once. */
export type NewKey = Camel<AnswerOf<'/v1/keys', 'post'>>;
export type KeySpec = Camel<Spec>;

export interface KeyFilter {
  /** Those of this tenant alone. */
  readonly tenant?: string;
}

/** API keys, for those who may make them: the scope `admin`. All others are refused with `PermissionError`. */
export class Keys {
  readonly #client: Client;

  constructor(connection: Connection) {
    this.#client = new Client(connection);
  }

  /** Makes a key. Not tried again when its answer is lost, since the secret cannot be shown again: look for it by its name. */
  async create(spec: KeySpec, options: CallOptions = {}): Promise<NewKey> {
    const body = fromCamel<Spec>(spec);
    return toCamel(
      await this.#client.json('post', '/v1/keys', { body }, options),
    );
  }

  /** All keys, newest first, with those that were revoked; pages are read as they are needed. */
  async *list({
    tenant,
    ...options
  }: KeyFilter & CallOptions = {}): AsyncGenerator<Key, void, undefined> {
    const ofTenant = tenant === undefined ? {} : { tenant };
    for await (const key of paged((after) =>
      this.#client.json(
        'get',
        '/v1/keys',
        { query: { ...ofTenant, ...after, limit: 200 } },
        options,
      ),
    ))
      yield toCamel(key);
  }

  /** Throws `NotFoundError`. */
  async get(id: string, options: CallOptions = {}): Promise<Key> {
    const params = { key: id };
    return toCamel(
      await this.#client.json('get', '/v1/keys/{key}', { params }, options),
    );
  }

  /** Has a key refused from now on, and its calls under way cut within seconds. Throws `NotFoundError`. */
  async revoke(id: string, options: CallOptions = {}): Promise<void> {
    const params = { key: id };
    await this.#client.remove('/v1/keys/{key}', { params }, options);
  }
}
