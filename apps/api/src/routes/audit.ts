import type { AuditRecord } from '@sandboxed/domain';
import { AUDIT_OUTCOMES, parseSandboxId } from '@sandboxed/domain';
import { z } from 'zod';
import { ownOnly, pageQuerySchema } from '../http/params.ts';
import type { Route } from '../http/route.ts';
import { route } from '../http/route.ts';

const wordSchema = z.string().min(1).max(256);
const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text));

const viewSchema = z.object({
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  tenant: z.string().nullable(),
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string() }).nullable(),
  source: z.string().nullable(),
  request_id: z.string().nullable(),
  job_id: z.string().nullable(),
  outcome: z.enum(AUDIT_OUTCOMES),
  code: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

function view({
  at_ms,
  target_kind: kind,
  target_id: id,
  ...rest
}: AuditRecord): z.output<typeof viewSchema> {
  return {
    ...rest,
    at: new Date(at_ms).toISOString(),
    target: kind === null || id === null ? null : { kind, id },
  };
}

const list = route({
  method: 'get',
  operationId: 'listAudit',
  tag: 'Operations',
  paths: ['/v1/audit'],
  summary:
    'Who did what, when, from where, to what, with what outcome; newest first, a tenant its own alone',
  query: pageQuerySchema.extend({
    tenant: wordSchema.optional().describe('What is of this tenant alone.'),
    actor: wordSchema
      .optional()
      .describe('What this one did, such as `api:ann`.'),
    action: wordSchema
      .optional()
      .describe(
        'This act alone, such as `POST /v1/sandboxes/{id}/exec` or `job.stop`.',
      ),
    target: wordSchema
      .transform((text) => parseSandboxId(text) ?? text)
      .optional()
      .describe(
        'What was done to this alone: the id of a sandbox, job, key or another thing.',
      ),
    since: timeSchema.optional().describe('From this moment on.'),
    until: timeSchema.optional().describe('Before this moment.'),
  }),
  answer: z.object({
    items: z.array(viewSchema),
    next_cursor: z.string().nullable(),
  }),
  example: {
    answer: {
      items: [
        {
          id: '01M3H5W3QMZJ9V1K0TT5X7BD2D',
          at: '2026-11-28T09:30:00.000Z',
          actor: 'api:ann',
          tenant: 'ann',
          action: 'POST /v1/sandboxes/{id}/exec',
          target: { kind: 'sandbox', id: '01M3H5W3QMZJ9V1K0TT5X7BD2A' },
          source: '127.0.0.1',
          request_id: '01M3H5W3QMZJ9V1K0TT5X7BD2G',
          job_id: '01M3H5W3QMZJ9V1K0TT5X7BD2B',
          outcome: 'accepted',
          code: null,
          detail: {},
        },
      ],
      next_cursor: null,
    },
  },
  statuses: [200],
  handle(call) {
    const { tenant, ...wanted } = call.query;
    const own = ownOnly(call).tenant ?? tenant;
    // Another tenant's are none to whoever may not see them.
    if (tenant !== undefined && own !== tenant)
      return { status: 200, body: { items: [], next_cursor: null } };
    const { items, nextCursor } = call.deps.store.audit.list({
      ...wanted,
      ...(own !== undefined && { tenant: own }),
    });
    return {
      status: 200,
      body: { items: items.map(view), next_cursor: nextCursor ?? null },
    };
  },
});

export const AUDIT_ROUTES: readonly Route[] = [list];
