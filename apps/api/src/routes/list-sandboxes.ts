import { SANDBOX_STATES } from '@sandboxed/domain';
import { z } from 'zod';
import { ownOnly, pageQuerySchema } from '../http/params.ts';
import { route } from '../http/route.ts';
import { liveFiguresSchema, sampledFigures } from '../live-figures.ts';
import { sandboxView, sandboxViewSchema } from '../views.ts';
import { SANDBOX_EXAMPLE } from '../examples.ts';

/** A sandbox of a list, with what it used when it was last sampled. */
export const listedSandboxSchema = sandboxViewSchema.extend({
  figures: liveFiguresSchema.shape.figures,
});

export const listSandboxes = route({
  method: 'get',
  operationId: 'listSandboxes',
  tag: 'Sandboxes',
  paths: ['/v1/sandboxes', '/sandboxes'],
  summary: 'List sandboxes, newest first',
  query: pageQuerySchema.extend({
    status: z
      .enum(SANDBOX_STATES)
      .exclude(['deleted'])
      .optional()
      .describe('Those in this state alone.'),
    label: z
      .string()
      .max(320)
      .regex(/^[^:]+:.*$/, 'must be key:value')
      .optional()
      .describe('Those with this label alone, as `key:value`.'),
    external_user_id: z
      .string()
      .max(256)
      .optional()
      .describe('Those with this `external.user_id` alone.'),
    external_project_id: z
      .string()
      .max(256)
      .optional()
      .describe('Those with this `external.project_id` alone.'),
  }),
  answer: z.object({
    items: z.array(listedSandboxSchema),
    next_cursor: z.string().nullable(),
  }),
  example: { answer: { items: [SANDBOX_EXAMPLE], next_cursor: null } },
  statuses: [200],
  handle(call) {
    const { deps, query } = call;
    const at = query.label?.indexOf(':') ?? -1;
    const page = deps.store.sandboxes.list({
      ...ownOnly(call),
      limit: query.limit,
      ...(query.cursor !== undefined && { cursor: query.cursor }),
      ...(query.status !== undefined && { states: [query.status] }),
      ...(query.label !== undefined && {
        label: {
          key: query.label.slice(0, at),
          value: query.label.slice(at + 1),
        },
      }),
      ...(query.external_user_id !== undefined && {
        externalUserId: query.external_user_id,
      }),
      ...(query.external_project_id !== undefined && {
        externalProjectId: query.external_project_id,
      }),
    });
    return {
      status: 200,
      body: {
        items: page.items.map((item) => ({
          ...sandboxView(deps, item),
          ...sampledFigures(deps, item),
        })),
        next_cursor: page.nextCursor ?? null,
      },
    };
  },
});
