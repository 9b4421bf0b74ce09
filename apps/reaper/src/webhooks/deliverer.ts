import type { CrashPoint, Delivery, DisabledReason } from '@sandboxed/domain';
import { deliveryPauseMs } from '@sandboxed/domain';
import type { Logger } from '@sandboxed/runtime';
import type { Attempt, DueWebhook, Store } from '@sandboxed/store';
import { RefusedAddressError } from './address-guard.ts';
import type { SendPost } from './post.ts';
import { signatureHeaders } from './sign.ts';

/** Tries at once: in all, of one tenant, of one webhook, and of one that fails. Those that wait for nobody's answer go on beside others. */
const AT_ONCE = { all: 128, tenant: 8, webhook: 2, failing: 1 } as const;
/** How long news is gathered before it is looked for. Milliseconds. */
const GATHER_MS = 20;
/** What is due by its time, and what no nudge told of, is looked for so often. Milliseconds. */
const LOOK_MS = 2_000;
/** How long a webhook fails altogether before it is switched off. Milliseconds. */
const FAILING_MS = 2 * 86_400_000;
const MAX_ERROR_CHARS = 300;

export interface DelivererDeps {
  readonly store: Pick<
    Store,
    'deliveries' | 'webhooks' | 'audit' | 'transaction'
  >;
  readonly send: SendPost;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly reach: (point: CrashPoint) => void;
}

/** Makes deliveries of events and sends what is due, for as long as it lives. */
export interface Deliverer {
  /** There may be news. Cheap. */
  wake(): void;
  /** Sends nothing new, ends what is under way after `graceMs` and gives it back. */
  close(graceMs: number): Promise<void>;
}

/**
 * Every process may run one: what is planned and claimed is decided in SQLite. A process that dies leaves claims that run out, so that
 * a receiver hears of everything at least once.
 */
export function createDeliverer(deps: DelivererDeps): Deliverer {
  const { store, now, logger, reach } = deps;
  const { deliveries, webhooks } = store;
  const underWay = new Map<Promise<void>, DueWebhook>();
  const ending = new AbortController();
  let gathering: NodeJS.Timeout | undefined;
  let isClosed = false;

  function switchOff(id: string, reason: DisabledReason): void {
    const webhook = webhooks.get(id);
    if (webhook === undefined) return;
    logger.warn({ webhook: id, reason }, 'a webhook was switched off');
    store.audit.append({
      at_ms: now(),
      actor: 'reaper:webhooks',
      tenant: webhook.tenant,
      action: 'webhook.disabled',
      target_kind: 'webhook',
      target_id: id,
      outcome: 'succeeded',
      detail: { reason },
    });
  }

  function plan(): void {
    const { more, planned, overfull } = deliveries.plan(now());
    if (planned > 0) reach('webhook.planned');
    for (const id of overfull) switchOff(id, 'backlog');
    if (more) wake();
  }

  const busy = (is: (webhook: DueWebhook) => boolean): number =>
    [...underWay.values()].filter(is).length;

  function mayTake({ id, tenant, failing }: DueWebhook): boolean {
    return (
      underWay.size < AT_ONCE.all &&
      busy((other) => other.tenant === tenant) < AT_ONCE.tenant &&
      busy((other) => other.id === id) <
        (failing ? AT_ONCE.failing : AT_ONCE.webhook)
    );
  }

  function take(): void {
    for (const webhook of deliveries.due(now()))
      while (mayTake(webhook)) {
        const delivery = deliveries.claim(webhook.id, now());
        if (delivery === undefined) break;
        reach('webhook.claimed');
        const work = deliver(delivery)
          .catch((error: unknown) => {
            logger.error({ err: error }, 'a delivery could not be written');
          })
          .finally(() => {
            underWay.delete(work);
            wake();
          });
        underWay.set(work, webhook);
      }
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const attempt = await attemptOf(delivery);
    if (attempt === undefined) {
      deliveries.release(delivery, now());
      return;
    }
    reach('webhook.sent');
    const { webhook_id: id } = delivery;
    store.transaction(() => {
      if (!deliveries.settle(delivery, attempt, now())) return;
      const reason = reasonToStop(id, attempt);
      if (reason !== undefined && webhooks.disable(id, reason, now()))
        switchOff(id, reason);
    });
  }

  /** A success since then takes `failing_since` away. */
  function reasonToStop(
    id: string,
    { outcome, responseStatus, retryAt }: Attempt,
  ): DisabledReason | undefined {
    if (outcome === 'delivered') return undefined;
    if (responseStatus === 410) return 'gone';
    const since = webhooks.get(id)?.failing_since ?? null;
    const isLong = since !== null && now() - since >= FAILING_MS;
    return retryAt === undefined && isLong ? 'failing' : undefined;
  }

  /** Undefined when this process ends meanwhile. */
  async function attemptOf(delivery: Delivery): Promise<Attempt | undefined> {
    const startedAt = performance.now();
    let responseStatus: number | null = null;
    let error: string | null = null;
    try {
      responseStatus = await post(delivery);
      if (responseStatus < 200 || responseStatus > 299)
        error = `answered ${String(responseStatus)}`;
    } catch (thrown) {
      if (ending.signal.aborted) return undefined;
      error = describe(thrown);
    }
    const pause =
      error === null
        ? undefined
        : deliveryPauseMs(delivery.attempts, deps.random());
    return {
      outcome: error === null ? 'delivered' : 'failed',
      responseStatus,
      error,
      durationMs: Math.round(performance.now() - startedAt),
      ...(pause !== undefined && { retryAt: now() + pause }),
    };
  }

  function post({ id, webhook_id, body }: Delivery): Promise<number> {
    const webhook = webhooks.get(webhook_id);
    if (webhook === undefined)
      return Promise.reject(new Error('the webhook is gone'));
    const at = now();
    const timestamp = Math.floor(at / 1_000);
    const secrets = webhooks.secrets(webhook_id, at);
    return deps.send({
      url: webhook.url,
      headers: signatureHeaders({ id, timestamp, body }, secrets),
      body,
      signal: ending.signal,
    });
  }

  function look(): void {
    gathering = undefined;
    if (isClosed) return;
    try {
      plan();
      take();
    } catch (error) {
      // The next look does it: everything is in SQLite.
      logger.warn({ err: error }, 'webhooks could not be looked at');
    }
  }

  function wake(): void {
    if (isClosed || gathering !== undefined) return;
    gathering = setTimeout(look, GATHER_MS);
  }

  const looking = setInterval(wake, LOOK_MS);
  look();

  return {
    wake,
    async close(graceMs) {
      isClosed = true;
      clearInterval(looking);
      clearTimeout(gathering);
      const grace = setTimeout(() => {
        ending.abort();
      }, graceMs);
      await Promise.all(underWay.keys());
      clearTimeout(grace);
    },
  };
}

/** What an owner may know of a failure: nothing of the inside of this network. */
function describe(error: unknown): string {
  if (error instanceof RefusedAddressError) return error.message;
  if (!(error instanceof Error)) return 'the delivery failed';
  const code = 'code' in error ? String(error.code) : '';
  const text = code === '' ? error.message : code;
  return text.slice(0, MAX_ERROR_CHARS);
}
