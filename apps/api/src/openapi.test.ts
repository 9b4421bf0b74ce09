import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { allRoutes } from './app.ts';
import { openapi } from './openapi.ts';
import { RUNBOOK } from './runbook.ts';

const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
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

  it('says which calls may be one too many for their tenant', () => {
    const refusing = (status: number): readonly string[] =>
      Object.entries(document.paths).flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([method, operation]) =>
          JSON.stringify(operation).includes(`"${String(status)}":`)
            ? [`${method} ${path}`]
            : [],
        ),
      );
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

  it('names no route twice', () => {
    const routed = routes.flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path}`),
    );
    expect(new Set(routed).size).toBe(routed.length);
  });
});

describe('the runbook that the API serves', () => {
  it('is AGENTS.md, word for word', () => {
    expect(RUNBOOK.trim()).toBe(
      readFileSync(`${__dirname}/../../../AGENTS.md`, 'utf8').trim(),
    );
  });
});
