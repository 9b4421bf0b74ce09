import type { Webhook } from '@sandboxed/sdk';

/** Why a webhook is switched off, in words. */
export const REASONS: Readonly<
  Record<NonNullable<Webhook['disabledReason']>, string>
> = {
  asked: 'somebody switched it off',
  failing: 'it took nothing for about three days',
  gone: 'it answered that it is gone for good (410)',
  backlog: 'too many deliveries waited for it',
};
