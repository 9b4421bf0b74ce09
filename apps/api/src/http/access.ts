import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Env, Scope } from '@sandboxed/domain';
import {
  DomainError,
  isUseDue,
  keyStatus,
  parseSandboxId,
  scopesUpTo,
} from '@sandboxed/domain';
import { isStoreFailure } from '@sandboxed/store';
import { hashOf, isOpen } from '../access-config.ts';
import { KEY_START, prefixOf } from '../key-secret.ts';
import { ticketOf } from '../terminal/tickets.ts';
import { refuseForeign } from './open-guard.ts';
import type { ApiDeps } from './route.ts';

type AccessDeps = Pick<
  ApiDeps,
  'config' | 'store' | 'now' | 'logger' | 'tickets'
>;

/** Who calls. */
export interface Caller {
  /** Who did it, in what is logged. */
  readonly actor: string;
  /** Whose the things are that this caller makes, and the only ones it sees unless it is an `admin`. */
  readonly tenant: string;
  /** What it may do; each scope is there with those that it includes. */
  readonly scopes: ReadonlySet<Scope>;
  /** The API key that it calls with. */
  readonly key?: string;
  /** Variables for the terminal that its ticket is for. */
  readonly terminalEnv?: Env;
}

/**
 * Says who calls, or throws `unauthenticated` or `forbidden_origin`. A ticket for `sandbox`, as its path names it, stands for who asked
 * for it where there is no other word of who calls.
 */
export type Access = (
  request: IncomingMessage,
  options?: {
    /** Whether the token may come as the password of a Basic authorization, which browsers ask for. */
    readonly password?: boolean;
    readonly sandbox?: string;
  },
) => Caller;

/** Of calls that need no token. */
export const ANYBODY: Caller = {
  actor: 'api:anonymous',
  tenant: 'open',
  scopes: new Set(),
};

/** Of calls in open mode: who is on this host could do all of it without us. */
const LOCAL: Caller = {
  actor: 'api:local',
  tenant: 'open',
  scopes: scopesUpTo('admin'),
};

/**
 * With tokens: a token of the settings or an API key, as a bearer. Open: anybody on this host but web pages (`open-guard.ts`); who
 * sends an API key is held to what it may even then.
 */
export function createAccess(deps: AccessDeps): Access {
  const { config } = deps;
  const tokens = config.SANDBOXD_API_TOKENS.map(({ name, hash }) => ({
    hash,
    caller: {
      actor: `api:${name}`,
      tenant: name,
      scopes: scopesUpTo(
        config.SANDBOXED_ADMINS.includes(name) ? 'admin' : 'write',
      ),
    },
  }));
  const open = isOpen(config);
  return (request, { password = false, sandbox } = {}) => {
    if (open) refuseForeign(request);
    const ticket = sandbox === undefined ? undefined : ticketOf(request);
    if (
      sandbox !== undefined &&
      ticket !== undefined &&
      bearerOf(request, false) === undefined
    )
      return callerOfTicket(deps, ticket, sandbox);
    const secret = bearerOf(request, password);
    if (open && secret?.startsWith(KEY_START) !== true) return LOCAL;
    if (secret === undefined) throw unauthenticated();
    const hash = hashOf(secret);
    let found: Caller | undefined;
    // All of them, so that the time tells nothing.
    for (const token of tokens)
      if (timingSafeEqual(hash, token.hash)) found = token.caller;
    return found ?? callerOfKey(deps, secret, hash);
  };
}

/** The one bearer of a request. Two that differ are none: a proxy in front may have looked at the other. */
function bearerOf(
  request: IncomingMessage,
  password: boolean,
): string | undefined {
  const sent = request.headersDistinct['authorization'] ?? [];
  if (sent.length !== 1) return undefined;
  const [value = ''] = sent;
  return (
    /^bearer ([\x21-\x7e]+)$/i.exec(value)?.[1] ??
    (password ? passwordIn(value) : undefined)
  );
}

function passwordIn(value: string): string | undefined {
  const encoded = /^basic ([A-Za-z0-9+/=]+)$/i.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  return /^[^:]*:([\x21-\x7e]+)$/.exec(text)?.[1];
}

function callerOfKey(
  { store, now, logger }: AccessDeps,
  secret: string,
  hash: Buffer,
): Caller {
  const found = secret.startsWith(KEY_START)
    ? store.apiKeys.byPrefix(prefixOf(secret))
    : undefined;
  if (found === undefined || !timingSafeEqual(hash, found.hash))
    throw unauthenticated();
  const { key } = found;
  const at = now();
  const status = keyStatus(key, at);
  // Only its holder learns of it.
  if (status !== 'active')
    throw unauthenticated(
      `The key ${key.prefix}… ${status === 'revoked' ? 'was revoked' : 'has expired'}. Ask an admin of this installation for another one.`,
    );
  if (isUseDue(key.last_used_at, at))
    try {
      store.apiKeys.used(key.id, at);
    } catch (error) {
      // Who only looks is not to fail of a full disk.
      if (!isStoreFailure(error)) throw error;
      logger.debug({ err: error }, 'the use of a key was not noted');
    }
  return {
    actor: `api:${key.tenant}/${key.id}`,
    tenant: key.tenant,
    scopes: scopesUpTo(...key.scopes),
    key: key.id,
  };
}

/** A ticket does not outlive the key that it was made with. */
function callerOfTicket(
  { tickets, store, now }: AccessDeps,
  ticket: string,
  sandbox: string,
): Caller {
  const id = parseSandboxId(sandbox);
  const caller = id === undefined ? undefined : tickets.use(ticket, id);
  const key =
    caller?.key === undefined ? undefined : store.apiKeys.get(caller.key);
  const isOver =
    caller?.key !== undefined &&
    (key === undefined || keyStatus(key, now()) !== 'active');
  if (caller === undefined || isOver)
    throw unauthenticated(
      'The ticket was used, is older than 30 s, or is of another sandbox: make another one.',
    );
  return caller;
}

function unauthenticated(
  message = 'Send a token or an API key of this installation as "Authorization: Bearer <secret>".',
): DomainError {
  return new DomainError('unauthenticated', message);
}

/** Throws `forbidden_scope` for a caller that may not do this much. */
export function assertScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.has(scope))
    throw new DomainError(
      'forbidden_scope',
      `This call needs the scope "${scope}", which your token does not have. Use one that has it.`,
    );
}

/** Whether a caller may know of what belongs to a tenant. */
export function sees(
  { tenant, scopes }: Pick<Caller, 'tenant' | 'scopes'>,
  owner: string,
): boolean {
  return owner === tenant || scopes.has('admin');
}
