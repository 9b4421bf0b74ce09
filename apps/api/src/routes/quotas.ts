import {
  emptyRequestSchema,
  QUOTA_NAMES,
  quotaOverridesSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { parse } from '../http/body.ts';
import { commit } from '../http/commit.ts';
import { pageQuerySchema } from '../http/params.ts';
import { quotaOf } from '../http/quota.ts';
import type { ApiDeps, Call, Route } from '../http/route.ts';
import { route } from '../http/route.ts';

const usageSchema = z.object({
  tenant: z.string(),
  /** Of each: how much is used, and how much may be; null is no limit. */
  usage: z.record(
    z.enum(QUOTA_NAMES),
    z.object({ used: z.int(), limit: z.int().nullable() }),
  ),
});
const tenantSchema = usageSchema.extend({ overrides: quotaOverridesSchema });

/** What a tenant has and may have. */
function usageView(
  deps: ApiDeps,
  tenant: string,
): z.output<typeof usageSchema> {
  const { store, meter } = deps;
  const quota = quotaOf(deps, tenant);
  const used = { ...store.quotas.use(tenant), ...meter.use(tenant) };
  return usageSchema.parse({
    tenant,
    usage: Object.fromEntries(
      QUOTA_NAMES.map((name) => [
        name,
        { used: used[name], limit: quota[name] },
      ]),
    ),
  });
}

function tenantView(
  deps: ApiDeps,
  tenant: string,
): z.output<typeof tenantSchema> {
  const overrides = deps.store.quotas.overrides(tenant);
  return { ...usageView(deps, tenant), overrides };
}

const tenantNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be the name of a token, or "open"');

function tenantOf({ params }: Call): string {
  return parse(tenantNameSchema, params['tenant'], 'tenant');
}

const USAGE_EXAMPLE = {
  tenant: 'ann',
  usage: {
    sandboxes: { used: 3, limit: 10 },
    running: { used: 1, limit: 5 },
    memory_mb: { used: 2048, limit: null },
    disk_mb: { used: 30_720, limit: null },
    tasks: { used: 0, limit: null },
    requests_per_minute: { used: 12, limit: 600 },
    streams: { used: 1, limit: null },
  },
};
const TENANT_EXAMPLE = {
  ...USAGE_EXAMPLE,
  overrides: { sandboxes: 10, running: 5 },
};

const usage = route({
  method: 'get',
  operationId: 'getUsage',
  tag: 'Quotas',
  paths: ['/v1/usage'],
  summary: "What the caller's tenant has, and how much it may have",
  answer: usageSchema,
  example: { answer: USAGE_EXAMPLE },
  statuses: [200],
  handle: ({ deps, tenant }) => ({
    status: 200,
    body: usageView(deps, tenant),
  }),
});

const list = route({
  method: 'get',
  operationId: 'listTenants',
  tag: 'Quotas',
  paths: ['/v1/tenants'],
  summary: 'List tenants by name, with what they have and may have',
  scope: 'admin',
  query: z.object({
    limit: pageQuerySchema.shape.limit,
    cursor: tenantNameSchema
      .optional()
      .describe('`next_cursor` of the page before.'),
  }),
  answer: z.object({
    items: z.array(tenantSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [TENANT_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle({ deps, query }) {
    const names = deps.store.quotas.tenants(
      query.cursor ?? '',
      query.limit + 1,
    );
    const page = names.slice(0, query.limit);
    return {
      status: 200,
      body: {
        items: page.map((name) => tenantView(deps, name)),
        next_cursor: names.length > page.length ? (page.at(-1) ?? null) : null,
      },
    };
  },
});

const read = route({
  method: 'get',
  operationId: 'getQuota',
  tag: 'Quotas',
  paths: ['/v1/tenants/{tenant}/quota'],
  summary: 'Read what a tenant has and may have',
  scope: 'admin',
  answer: tenantSchema,
  example: { answer: TENANT_EXAMPLE },
  statuses: [200],
  handle: (call) => ({
    status: 200,
    body: tenantView(call.deps, tenantOf(call)),
  }),
});

const put = route({
  method: 'put',
  operationId: 'putQuota',
  tag: 'Quotas',
  paths: ['/v1/tenants/{tenant}/quota'],
  summary:
    'Set what a tenant may have: a number, or null for no limit; what is left out is the default. Nothing is stopped for it',
  scope: 'admin',
  body: quotaOverridesSchema,
  answer: tenantSchema,
  example: { body: TENANT_EXAMPLE.overrides, answer: TENANT_EXAMPLE },
  statuses: [200],
  handle(call) {
    const { deps, body } = call;
    const tenant = tenantOf(call);
    return commit(call, () => {
      deps.store.quotas.put(tenant, body, deps.now());
      return { status: 200, body: tenantView(deps, tenant) };
    });
  },
});

const remove = route({
  method: 'delete',
  operationId: 'removeQuota',
  tag: 'Quotas',
  paths: ['/v1/tenants/{tenant}/quota'],
  summary: 'Let a tenant have the default again',
  scope: 'admin',
  body: emptyRequestSchema,
  answer: tenantSchema,
  example: { body: {}, answer: { ...USAGE_EXAMPLE, overrides: {} } },
  statuses: [200],
  handle(call) {
    const { deps } = call;
    const tenant = tenantOf(call);
    return commit(call, () => {
      deps.store.quotas.remove(tenant);
      return { status: 200, body: tenantView(deps, tenant) };
    });
  },
});

export const QUOTA_ROUTES: readonly Route[] = [usage, list, read, put, remove];
