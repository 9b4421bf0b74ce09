import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '@sandboxed/domain';
import { z } from 'zod';
import { allRoutes } from '../app.ts';
import { STATUS } from '../http/problem.ts';
import { COMPONENTS } from './components.ts';
import { openapi } from './document.ts';
import { refusalName } from './refusals.ts';
import { RUNBOOK } from '../runbook.ts';

const operationSchema = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()).length(1),
  parameters: z.array(z.looseObject({ name: z.string().optional() })),
  requestBody: z
    .object({
      content: z.record(z.string(), z.object({ schema: z.unknown() })),
    })
    .optional(),
  responses: z.record(z.string(), z.looseObject({})),
});
const fieldSchema = z.object({
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  items: z.unknown().optional(),
});
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    parameters: z.record(z.string(), z.unknown()),
    responses: z.record(
      z.string(),
      z.object({ description: z.string(), content: z.unknown() }),
    ),
  }),
});

describe('the OpenAPI document', () => {
  const routes = allRoutes('1.2.3');
  const document = documentSchema.parse(openapi(routes, '1.2.3'));

  it('describes every route and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(
      ([path, operations]) =>
        Object.keys(operations).map((method) => `${method} ${path}`),
    );
    const routed = routes.flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routed.sort());
  });

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      call: `${method} ${path}`,
      ...operation,
    })),
  );

  it('says which calls may be one too many for their tenant', () => {
    const refusing = (status: number): readonly string[] =>
      operations
        .filter(({ responses }) => String(status) in responses)
        .map(({ call }) => call);
    expect(refusing(429)).toContain('get /v1/sandboxes');
    expect(refusing(429)).not.toContain('get /healthz');
    expect(
      refusing(403).filter((call) => !refusing(429).includes(call)),
    ).toEqual([
      'post /v1/keys',
      'get /v1/keys',
      'get /v1/keys/{key}',
      'delete /v1/keys/{key}',
      'get /v1/tenants',
      'get /v1/tenants/{tenant}/quota',
      'put /v1/tenants/{tenant}/quota',
      'delete /v1/tenants/{tenant}/quota',
      'get /metrics',
    ]);
  });

  it('names every operation once, by a name that a client can give a function', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z][A-Za-z0-9]+$/.test(name))).toEqual(
      [],
    );
  });

  it('names every code under the status that it is answered with', () => {
    for (const code of ERROR_CODES) {
      const { description } = z
        .object({ description: z.string() })
        .parse(document.components.responses[refusalName(STATUS[code])]);
      expect(description).toContain(`\`${code}\``);
    }
  });

  it('refers to nothing that is not there, and holds nothing that nobody refers to', () => {
    const text = JSON.stringify(document);
    const referred = new Set(
      [...text.matchAll(/"#\/components\/([\w-]+\/[\w-]+)"/g)].map(
        ([, name]) => name,
      ),
    );
    const { schemas, parameters, responses } = document.components;
    const there = Object.entries({ schemas, parameters, responses }).flatMap(
      ([kind, named]) => Object.keys(named).map((name) => `${kind}/${name}`),
    );
    const isKept = (name = ''): boolean => !name.startsWith('headers/');
    expect([...referred].filter(isKept).sort()).toEqual(
      // No route of this document is answered 405.
      there.filter((name) => name !== 'responses/Refused405').sort(),
    );
    expect(Object.keys(COMPONENTS).sort()).toEqual(Object.keys(schemas).sort());
  });

  it('describes every field of a body and every parameter of a query', () => {
    const { schemas } = document.components;
    const muteFields = (schema: unknown, at: string): readonly string[] => {
      const { $ref = '', properties = {}, items } = fieldSchema.parse(schema);
      const named = schemas[$ref.replace('#/components/schemas/', '')];
      return [
        ...Object.entries(properties).flatMap(([name, field]) => [
          ...(field['description'] === undefined ? [`${at}/${name}`] : []),
          ...muteFields(field, `${at}/${name}`),
        ]),
        ...(named === undefined ? [] : muteFields(named, at)),
        ...(items === undefined ? [] : muteFields(items, at)),
      ];
    };
    const mute = operations.flatMap(({ call, parameters, requestBody }) => [
      ...parameters
        .filter(
          (each) => each['in'] === 'query' && each['description'] === undefined,
        )
        .map(({ name }) => `${call} ?${name ?? ''}`),
      ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        muteFields(schema, call),
      ),
    ]);
    expect(mute).toEqual([]);
  });

  it('names no route twice', () => {
    const routed = routes.flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path}`),
    );
    expect(new Set(routed).size).toBe(routed.length);
  });
});

describe('the example of a call', () => {
  const routes = allRoutes('1.2.3');

  it.each(routes.map((route) => [route.operationId, route] as const))(
    'of %s is what its schemas say',
    (_name, { body, answer, rawAnswer = [], example }) => {
      // What a schema leaves out of its output would be lost in a parse: the example is compared with it.
      if (body !== undefined)
        expect(() => body.parse(example.body)).not.toThrow();
      else expect(example.body).toBeUndefined();
      if (answer !== undefined)
        expect(answer.parse(example.answer)).toEqual(example.answer);
      else if (rawAnswer.includes('text/event-stream'))
        expect(example.answer).toEqual(expect.any(String));
    },
  );

  it('is no call without an answer', () => {
    const mute = routes.filter(
      ({ answer, rawAnswer, statuses }) =>
        answer === undefined &&
        rawAnswer === undefined &&
        // What is upgraded to another protocol has none.
        !statuses.includes(101),
    );
    expect(mute.map(({ operationId }) => operationId)).toEqual([]);
  });
});

describe('the runbook that the API serves', () => {
  it('is AGENTS.md, word for word', () => {
    expect(RUNBOOK.trim()).toBe(
      readFileSync(`${__dirname}/../../../../AGENTS.md`, 'utf8').trim(),
    );
  });
});
