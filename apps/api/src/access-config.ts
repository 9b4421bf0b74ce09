import { createHash } from 'node:crypto';
import { tenantSchema } from '@sandboxed/domain';
import { z } from 'zod';

/** Bearer secrets travel in a header, where other characters and spaces are read in more than one way. */
const SECRET = /^[\x21-\x7e]{16,512}$/;
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

/** A token as it stays in memory: no secret is in it. */
export interface ApiToken {
  /** Also the name of its tenant. */
  readonly name: string;
  readonly hash: Buffer;
}

/** What is kept of a secret that somebody may send. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** `name:secret` or `name=secret`, parted by commas or line ends. No message repeats what was given, but for names. */
export const tokensSchema = z
  .string()
  .transform((text, context) => {
    const pairs = text
      .split(/[,\n]/)
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '');
    const say = (message: string): void => {
      context.addIssue({ code: 'custom', message });
    };
    if (pairs.length === 0)
      say('holds no token: give name:secret, or nothing at all');
    const tokens: ApiToken[] = [];
    const hashes = new Set<string>();
    for (const [index, pair] of pairs.entries()) {
      const at = pair.search(/[:=]/);
      const name = pair.slice(0, Math.max(at, 0));
      const secret = pair.slice(at + 1);
      const which = `token ${index + 1} of ${pairs.length}`;
      if (!tenantSchema.safeParse(name).success)
        say(
          `${which} has no name: give name:secret, the name of at most 64 letters, digits, dots, dashes and underscores`,
        );
      else if (!SECRET.test(secret))
        say(
          `the secret of "${name}" (${which}) must be 16 to 512 visible ASCII characters; "openssl rand -hex 32" makes one`,
        );
      else if (tokens.some((token) => token.name === name))
        say(
          `the name "${name}" is given twice: give each token a name of its own, and clients of one tenant API keys`,
        );
      else if (hashes.has(hashOf(secret).toString('hex')))
        say(
          `the secret of "${name}" (${which}) is that of another token: nobody could tell who calls`,
        );
      else {
        const hash = hashOf(secret);
        hashes.add(hash.toString('hex'));
        tokens.push({ name, hash });
      }
    }
    return tokens;
  })
  .optional()
  .transform((tokens): readonly ApiToken[] => tokens ?? []);

/** What decides who may call. */
interface AccessConfig {
  readonly SANDBOXD_API_AUTH_DISABLED: boolean;
  readonly SANDBOXD_API_TOKENS: readonly ApiToken[];
  readonly SANDBOXED_API_BIND: string;
}

/** Whether the API answers without a token. Never once there are tokens: whoever sets some wants them asked for. */
export function isOpen(
  config: Pick<
    AccessConfig,
    'SANDBOXD_API_AUTH_DISABLED' | 'SANDBOXD_API_TOKENS'
  >,
): boolean {
  return (
    config.SANDBOXD_API_AUTH_DISABLED && config.SANDBOXD_API_TOKENS.length === 0
  );
}

/** Why the API must not start like this; undefined when it may. */
export function refusal(config: AccessConfig): string | undefined {
  const bind = config.SANDBOXED_API_BIND;
  if (config.SANDBOXD_API_TOKENS.length > 0) return undefined;
  if (!config.SANDBOXD_API_AUTH_DISABLED)
    return 'is empty and SANDBOXD_API_AUTH_DISABLED is false, so nobody could call the API: give name:secret, or name a file with SANDBOXD_API_TOKENS_FILE';
  if (LOOPBACK.test(bind.replace(/:\d+$/, ''))) return undefined;
  return `is empty and SANDBOXED_API_BIND=${bind} publishes the API beyond this host, open to whoever reaches it: give name:secret, or set SANDBOXED_API_BIND=127.0.0.1:9090`;
}
