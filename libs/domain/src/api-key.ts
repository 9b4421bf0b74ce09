import { z } from 'zod';
import { plainText } from './plain-text.ts';
import { SCOPES } from './scope.ts';

/** A tenant keeps at most so many keys that can be used. */
export const MAX_KEYS_OF_TENANT = 200;
/** The longest that a key may be asked to live; without a term it lives until it is revoked. Seconds. */
const MAX_KEY_SECONDS = 10 * 365 * 86_400;
/** How often it is noted that a key is used. Milliseconds. */
export const KEY_USE_MS = 60_000;

/** Name of a tenant, which is also that of a token in `SANDBOXD_API_TOKENS`. */
export const tenantSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_.-]{1,64}$/,
    'must be 1 to 64 letters, digits, dots, dashes and underscores',
  );

/** A row of `api_keys`. The secret is nowhere; its SHA-256 does not leave the store. Times in ms since the epoch. */
export const apiKeySchema = z.strictObject({
  id: z.ulid(),
  tenant: tenantSchema,
  name: z.string(),
  /** The beginning of the secret, for people to tell keys apart. */
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  made_by: z.string(),
  created_at: z.int(),
  expires_at: z.int().nullable(),
  /** Within a minute. */
  last_used_at: z.int().nullable(),
  revoked_at: z.int().nullable(),
});
export type ApiKey = z.output<typeof apiKeySchema>;

/** Whether a key can be used, or why it cannot. Its term is over at the very millisecond. */
export function keyStatus(
  {
    revoked_at,
    expires_at,
  }: Readonly<Pick<ApiKey, 'revoked_at' | 'expires_at'>>,
  now: number,
): 'active' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && expires_at <= now ? 'expired' : 'active';
}

/** Whether another use of a key is worth a write. A use that lies ahead is from before the clock was set back. */
export function isUseDue(lastUsedAt: number | null, now: number): boolean {
  return (
    lastUsedAt === null || lastUsedAt > now || now - lastUsedAt >= KEY_USE_MS
  );
}

/** Body of `POST /v1/keys`. */
export const createKeyRequestSchema = z.strictObject({
  name: plainText(128).describe('For people.'),
  tenant: tenantSchema
    .optional()
    .describe("Whose key it is; the caller's own unless given."),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .describe(
      'What it may do; `write` includes `read`, and `admin` everything.',
    ),
  expires_in_seconds: z
    .int()
    .min(1)
    .max(MAX_KEY_SECONDS)
    .optional()
    .describe(
      'Seconds that it can be used for; until it is revoked unless given.',
    ),
});
