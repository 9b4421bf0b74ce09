import type { AuditDetail } from '@sandboxed/domain';
import {
  auditTargetKind,
  auditText,
  parseJobId,
  parseSandboxId,
  tenantSchema,
  toFailure,
} from '@sandboxed/domain';
import { createRepeats } from '@sandboxed/runtime';
import type { NewAudit } from '@sandboxed/store';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Caller } from './access.ts';
import { ANYBODY, sees } from './access.ts';
import { STATUS } from './problem.ts';
import type { ApiDeps, Call, Reply, Route } from './route.ts';
import { createSourceOf } from './source.ts';

/** What is refused or read again and again is told once in this time, with its number. Milliseconds. */
const WINDOW_MS = 60_000;
/** So many different ones are told apart in that time. */
const MAX_KEYS = 200;
/** Written down whatever the route: somebody tried a door. */
const LOCKED: ReadonlySet<string> = new Set([
  'unauthenticated',
  'forbidden_origin',
  'forbidden_scope',
]);
/** Parameters of routes that name what a call is about. */
const TARGETS = ['id', 'key', 'tenant'] as const;
/** What of a request says where in its target it acts, and whom it lets in. Contents, commands and environments are never written down. */
const PLACES = ['path', 'from', 'to', 'scopes', 'visibility'] as const;

/** What the audit log gets to know of one call. */
export interface CallRecord {
  /** Who it is, once that is known. */
  by(caller: Caller): void;
  /** It was taken on. Inside the transaction of its change, so that neither is there without the other. */
  accepted(call: Call, reply?: Reply): void;
  /** It succeeded, or is about to be answered with bytes: writes it down unless that was done. What fails later is not its own fault. */
  done(call: Call, reply?: Reply): void;
  /** It threw. */
  refused(error: unknown): void;
}

const paramsSchema = z.record(z.string(), z.string()).catch({});

/** Writes down who called what, from where, with what outcome. */
export interface Trail {
  /** First among the handlers of a route. */
  begin(route: Route): RequestHandler;
  /** Undefined for a call that met no route. */
  of(response: Response): CallRecord | undefined;
}

/** Of routes that change something, and of those that say so. */
function isAudited({ audited, method }: Route): boolean {
  return audited ?? method !== 'get';
}

export function createTrail(deps: ApiDeps): Trail {
  const { store, hub, logger, now } = deps;
  const sourceOf = createSourceOf(deps.config.SANDBOXED_TRUSTED_PROXIES);
  const records = new WeakMap<Response, CallRecord>();
  const createWindows = () =>
    createRepeats<NewAudit>({
      windowMs: WINDOW_MS,
      maxKeys: MAX_KEYS,
      now: () => performance.now(),
      others: (row) => ({ ...row, ...OTHERS }),
      tell(row, count) {
        try {
          store.audit.append({ ...row, at_ms: now(), ...repeated(row, count) });
        } catch (error) {
          // Nothing was changed, and the answer says what is wrong.
          logger.error({ err: error }, 'the audit log could not be written');
        }
      },
    });
  const repeats = createWindows();
  // Apart: whoever guesses at tokens from many addresses is not to hide what others do.
  const strangers = createWindows();
  hub.closing.addEventListener('abort', () => {
    repeats.flush();
    strangers.flush();
  });

  function record(entry: Route, request: Request, id: string): CallRecord {
    const params = paramsSchema.parse(request.params);
    const source = sourceOf(request);
    const path = entry.paths[0] ?? '';
    const named = TARGETS.map((name) => params[name]).find(
      (value) => value !== undefined,
    );
    const target = named === undefined ? null : canonical(named);
    let caller: Caller | undefined;
    let written = false;
    let over = false;

    const row = (outcome: NewAudit['outcome'], of = target): NewAudit => ({
      at_ms: now(),
      actor: (caller ?? ANYBODY).actor,
      tenant: caller === undefined ? null : ownerOf(deps, caller, path, of),
      action: `${entry.method.toUpperCase()} ${path}`,
      target_kind: of === null ? null : auditTargetKind(path),
      target_id: of,
      source,
      request_id: id,
      outcome,
    });
    const accepted = (call: Call, reply?: Reply): NewAudit => ({
      ...row('accepted', target ?? madeBy(reply)),
      job_id: reply?.jobId ?? null,
      detail: detailOf(call),
    });

    return {
      by(known) {
        caller = known;
      },
      accepted(call, reply) {
        if (!isAudited(entry)) return;
        store.audit.append(accepted(call, reply));
        written = true;
      },
      done(call, reply) {
        if (over) return;
        over = true;
        if (!isAudited(entry) || written) return;
        const isRepeated = reply?.headers?.['Idempotent-Replayed'] === 'true';
        const told = accepted(call, reply);
        if (entry.method !== 'get' && !isRepeated) store.audit.append(told);
        else if (isRepeated)
          repeats.note(keyOf(told, 'repeated'), {
            ...told,
            outcome: 'repeated',
          });
        else repeats.note(keyOf(told, told.target_id ?? ''), told);
      },
      refused(error) {
        // How a job ended that a call waited for is a row of the job.
        if (over) return;
        const { code } = toFailure(error);
        if (!isAudited(entry) && !LOCKED.has(code)) return;
        try {
          const told = {
            ...row(STATUS[code] >= 500 ? 'failed' : 'refused'),
            code,
          };
          // Whoever has no token is told apart by address alone.
          if (caller === undefined) strangers.note(`${source} ${code}`, told);
          else repeats.note(keyOf(told, code), told);
        } catch (failure) {
          // A database that cannot be read: the caller is to be answered all the same.
          logger.error({ err: failure }, 'a refusal could not be written down');
        }
      },
    };
  }

  return {
    begin: (entry) => (request, response, next) => {
      const id = String(response.locals['requestId']);
      records.set(response, record(entry, request, id));
      next();
    },
    of: (response) => records.get(response),
  };
}

/** What is left of a row that stands for those beyond the number that is told apart. */
const OTHERS = {
  actor: 'api:others',
  tenant: null,
  action: 'others',
  target_kind: null,
  target_id: null,
  source: null,
  request_id: null,
} as const;

/** The later ones of a window are not all about the target and the request of the first. */
function repeated(row: NewAudit, count: number): Partial<NewAudit> {
  if (count === 1) return {};
  const detail = { repeats: count };
  return row.outcome === 'accepted'
    ? { detail: { ...row.detail, ...detail }, request_id: null }
    : { detail, request_id: null, target_id: null, target_kind: null };
}

function keyOf({ actor, source, action }: NewAudit, more: string): string {
  return `${actor} ${source ?? ''} ${action} ${more}`;
}

function canonical(id: string): string {
  return parseSandboxId(id) ?? auditText(id);
}

const madeSchema = z.object({ id: z.string() });

/** The id of what a call made. */
function madeBy(reply: Reply | undefined): string | null {
  return madeSchema.safeParse(reply?.body).data?.id ?? null;
}

/** Whose the row is: the owner's, of what the caller may see; what it may not see says nothing to its owner. */
function ownerOf(
  { store }: ApiDeps,
  caller: Caller,
  path: string,
  target: string | null,
): string {
  const owner = target === null ? undefined : tenantOf(store, path, target);
  return owner !== undefined && sees(caller, owner) ? owner : caller.tenant;
}

function tenantOf(
  store: ApiDeps['store'],
  path: string,
  target: string,
): string | undefined {
  const kind = auditTargetKind(path);
  if (kind === 'tenant') return tenantSchema.safeParse(target).data;
  if (kind === 'key') return store.apiKeys.get(target)?.tenant;
  if (kind === 'webhook') return store.webhooks.get(target)?.tenant;
  const job = kind === 'job' ? parseJobId(target) : undefined;
  const id =
    job === undefined
      ? parseSandboxId(target)
      : store.jobs.get(job)?.sandbox_id;
  return id === undefined ? undefined : store.sandboxes.tenantOf(id);
}

const placeSchema = z
  .union([
    z.string(),
    z.array(z.string()).transform((parts) => parts.join('/')),
  ])
  .transform(auditText);

/** Where in its target a call acts: a service or a task by name, files by path. */
function detailOf({ params, body, query }: Call): AuditDetail {
  const names = Object.entries(params).filter(
    ([name]) => !TARGETS.some((target) => target === name),
  );
  const given = { ...asObject(query), ...asObject(body) };
  const places = PLACES.flatMap((name) => {
    // Most calls have none, and a schema that refuses costs much.
    if (given[name] === undefined) return [];
    const place = placeSchema.safeParse(given[name]).data;
    return place === undefined ? [] : [[name, place] as const];
  });
  return {
    ...Object.fromEntries(
      names.map(([name, value]) => [name, auditText(value)]),
    ),
    ...Object.fromEntries(places),
  };
}

const objectSchema = z.record(z.string(), z.unknown()).catch({});
const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  objectSchema.parse(value);
