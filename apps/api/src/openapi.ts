import {
  jobIdSchema,
  sandboxIdSchema,
  serviceNameSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import { problemSchema } from './http/problem.ts';
import { isMetered } from './http/quota.ts';
import type { Route } from './http/route.ts';
import { scopeOf } from './http/route.ts';

const BINARY = { type: 'string', format: 'binary' };

const REFUSAL = {
  description: 'What went wrong',
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
    },
  },
};

/** What stands in a path, by the parameter's name; `id` of a job is of the same form as one of a sandbox. */
const PATH_PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  id: sandboxIdSchema,
  taskId: jobIdSchema,
  name: serviceNameSchema,
};

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): object =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' });

/** The OpenAPI 3.1 document of a route table. */
export function openapi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    for (const path of route.paths) {
      const item = (paths[path] ??= {});
      item[route.method] = operation(route, path);
    }
  return {
    openapi: '3.1.0',
    info: { title: 'sandboxed', version, license: { name: 'MIT' } },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }, {}],
  };
}

function operation(route: Route, path: string): object {
  const answer = {
    description: route.summary,
    ...(route.answer !== undefined && {
      content: {
        'application/json': { schema: schemaOf(route.answer, 'output') },
      },
    }),
    ...(route.rawAnswer !== undefined && {
      content: { [route.rawAnswer]: { schema: BINARY } },
    }),
  };
  return {
    summary: route.summary,
    ...(route.open === true
      ? { security: [] }
      : { 'x-required-scope': scopeOf(route) }),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: schemaOf(PATH_PARAMETERS[name ?? ''] ?? z.string(), 'input'),
      })),
      ...queryParameters(route),
    ],
    ...(route.body !== undefined && {
      requestBody: {
        content: {
          'application/json': { schema: schemaOf(route.body, 'input') },
        },
      },
    }),
    ...(route.rawBody !== undefined && {
      requestBody: {
        required: true,
        content: { [route.rawBody]: { schema: BINARY } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        route.statuses.map((status) => [String(status), answer]),
      ),
      ...Object.fromEntries(
        refusals(route, path).map((status) => [String(status), REFUSAL]),
      ),
    },
  };
}

/** The statuses that a route may refuse a call with, by what the call consists of. */
function refusals(route: Route, path: string): readonly number[] {
  const changes = route.method !== 'get';
  return [
    ...[400, 431, 500, 503],
    ...(route.open === true ? [] : [401, 403]),
    ...(isMetered(route) ? [429] : []),
    ...(path.includes('{') ? [404, 409, 502, 504] : []),
    ...(changes ? [409, 413, 422, 507] : []),
    ...(route.rawAnswer === undefined ? [] : [416]),
  ];
}

function queryParameters(route: Route): object[] {
  if (!(route.query instanceof z.ZodObject)) return [];
  return Object.entries(route.query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required:
      schema instanceof z.ZodType && !schema.safeParse(undefined).success,
    schema: schema instanceof z.ZodType ? schemaOf(schema, 'input') : {},
  }));
}

/** A plain page of the routes for people. */
export function docsPage(routes: readonly Route[]): string {
  const rows = routes.flatMap((route) =>
    route.paths.map(
      (path) =>
        `<tr><td><code>${route.method.toUpperCase()}</code></td><td><code>${path}</code></td><td>${escapeHtml(route.summary)}</td></tr>`,
    ),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>sandboxed API</title>
<style>body{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}td{padding:.2rem .8rem .2rem 0;vertical-align:top}</style>
<h1>sandboxed API</h1><p>Schemas: <a href="/openapi.json">openapi.json</a>. Runbook: <a href="/AGENTS.md">AGENTS.md</a>.</p><table>${rows.join('\n')}</table></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
