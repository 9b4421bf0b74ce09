import type { Webhook } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import { sees } from '../http/access.ts';
import type { Call } from '../http/route.ts';

/** The webhook of the path. Throws `webhook_not_found`, also for another tenant's. */
export function webhookOf(call: Call): Webhook {
  const webhook = call.deps.store.webhooks.get(webhookIdOf(call));
  return webhook !== undefined && sees(call, webhook.tenant)
    ? webhook
    : missingWebhook(call);
}

/** The id in the path, which may be written in lower case. */
export function webhookIdOf({ params }: Call): string {
  return (params['id'] ?? '').toUpperCase();
}

export function missingWebhook(call: Call): never {
  throw new DomainError(
    'webhook_not_found',
    `There is no webhook ${webhookIdOf(call)}. GET /v1/webhooks lists them.`,
  );
}
