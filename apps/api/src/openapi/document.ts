import { problemSchema } from '../http/problem.ts';
import type { Route } from '../http/route.ts';
import { EVENT_STREAM, scopeOf } from '../http/route.ts';
import { COMPONENTS } from './components.ts';
import { PARAMETERS, parameters } from './parameters.ts';
import { refusalAnswers, refusalName, refusals } from './refusals.ts';
import type { Schemas } from './schemas.ts';
import { createSchemas } from './schemas.ts';
import { TAGS } from './tags.ts';

const BINARY = { type: 'string', format: 'binary' };

/** One server-sent event: a stream is many. */
const EVENT = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    event: { type: 'string' },
    data: { type: 'string', contentMediaType: 'application/json' },
  },
};

const DESCRIPTION = `What changes a sandbox is a job: the call answers 202 with \`job_id\` and \`events_url\`, or, with \`?wait=\`, what came of it.
Errors are problem documents (RFC 9457): act on \`code\`, try again only if \`retryable\` is true.
Streams are server-sent events that go on where they broke off by \`Last-Event-ID\`. The runbook for agents is \`GET /AGENTS.md\`.`;

/** The OpenAPI 3.1 document of a route table. */
export function openapi(routes: readonly Route[], version: string): object {
  const schemas = createSchemas();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    for (const [index, path] of route.paths.entries()) {
      const item = (paths[path] ??= {});
      item[route.method] = operation(route, path, index, schemas);
    }
  schemas.of(problemSchema, 'output');
  // No route's JSON: what streams hold.
  schemas.of(COMPONENTS.Events, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'sandboxed',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This installation' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({
      name,
      description,
    })),
    paths,
    components: {
      schemas: schemas.used(),
      parameters: PARAMETERS,
      responses: refusalAnswers(),
      headers: {
        'X-Request-Id': {
          description: 'Names the call in the log of the api.',
          schema: { type: 'string' },
        },
        ETag: {
          description:
            'What the content of the file is known by; `If-Match` of a write takes it.',
          schema: { type: 'string' },
        },
        Location: {
          description: 'Where the job is.',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token of the settings (`SANDBOXD_API_TOKENS`) or an API key. An installation without tokens answers this host without one.',
        },
      },
    },
    security: [{ token: [] }, {}],
  };
}

function operation(
  route: Route,
  path: string,
  index: number,
  schemas: Schemas,
): object {
  return {
    operationId: operationId(route, index),
    tags: [index === 0 ? route.tag : 'Short paths'],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(route.open === true
      ? { security: [] }
      : { 'x-required-scope': scopeOf(route) }),
    parameters: parameters(route, path, schemas),
    ...requestBody(route, schemas),
    responses: {
      ...Object.fromEntries(
        route.statuses.map((status) => [
          String(status),
          answer(route, status, schemas),
        ]),
      ),
      ...Object.fromEntries(
        refusals(route, path)
          .filter((status) => !route.statuses.includes(status))
          .map((status) => [
            String(status),
            { $ref: `#/components/responses/${refusalName(status)}` },
          ]),
      ),
    },
  };
}

/** Further paths of a route are the same call under a name of its own. */
function operationId({ operationId }: Route, index: number): string {
  return index === 0
    ? operationId
    : `${operationId}Short${index === 1 ? '' : String(index)}`;
}

function requestBody(
  { body, rawBody, example }: Route,
  schemas: Schemas,
): object {
  if (rawBody !== undefined)
    return {
      requestBody: {
        // No body is an empty one.
        content: { [rawBody]: { schema: BINARY } },
      },
    };
  if (body === undefined) return {};
  return {
    requestBody: {
      content: {
        'application/json': {
          schema: schemas.of(body, 'input'),
          ...(example.body !== undefined && { example: example.body }),
        },
      },
    },
  };
}

function answer(route: Route, status: number, schemas: Schemas): object {
  const { answer: schema, rawAnswer = [], example } = route;
  return {
    description: route.summary,
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...(route.tagged === true && {
        ETag: { $ref: '#/components/headers/ETag' },
      }),
      ...(status === 202 && {
        Location: { $ref: '#/components/headers/Location' },
      }),
    },
    ...(schema !== undefined && {
      content: {
        'application/json': {
          schema: schemas.of(schema, 'output'),
          ...(example.answer !== undefined && { example: example.answer }),
        },
      },
    }),
    ...(rawAnswer.length > 0 &&
      status !== 304 && {
        content: Object.fromEntries(
          rawAnswer.map((type) => [
            type,
            {
              schema: rawSchema(type),
              ...(type.startsWith('text/') &&
                type !== EVENT_STREAM &&
                example.answer !== undefined && { example: example.answer }),
              // What stands behind `data:`, by the name behind `event:`.
              ...(type === EVENT_STREAM && {
                'x-events': { $ref: '#/components/schemas/Events' },
              }),
            },
          ]),
        ),
      }),
  };
}

function rawSchema(type: string): object {
  if (type === EVENT_STREAM) return EVENT;
  return type.startsWith('text/') ? { type: 'string' } : BINARY;
}
