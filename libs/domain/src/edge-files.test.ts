import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseSandboxId } from './ids.ts';
import {
  gateFile,
  gateRoute,
  guardFile,
  guardRoute,
  parseEdgeFile,
  previewRoutes,
  routeFile,
} from './edge-files.ts';

const id = parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV');
if (id === undefined) throw new Error('test id is no ULID');
const edge = { previewDomain: 'localhost', entrypoint: 'web', tls: false };
const host = 's-01arz3ndektsv4rrffq69g5fav-3000.preview.localhost';

const key = 's-01arz3ndektsv4rrffq69g5fav-3000';
const routed = (
  visibility: 'public' | 'private',
  ports = [3000],
  tls = false,
) => previewRoutes({ id, ports, visibility }, '10.0.0.2', { ...edge, tls });

it('each port of a sandbox is led to its address, by a host of its own', () => {
  const other = key.replace('3000', '8080');
  expect(routed('public', [3000, 8080])).toEqual({
    http: {
      routers: {
        [key]: {
          entryPoints: ['web'],
          rule: `Host(\`${host}\`)`,
          priority: 100,
          middlewares: ['app-retry@file'],
          service: key,
        },
        [other]: {
          entryPoints: ['web'],
          rule: `Host(\`${host.replace('3000', '8080')}\`)`,
          priority: 100,
          middlewares: ['app-retry@file'],
          service: other,
        },
      },
      services: {
        [key]: { loadBalancer: { servers: [{ url: 'http://10.0.0.2:3000' }] } },
        [other]: {
          loadBalancer: { servers: [{ url: 'http://10.0.0.2:8080' }] },
        },
      },
    },
  });
  expect(JSON.stringify(routed('public', [3000], true))).toContain('"tls":{}');
});

it('a closed gate takes precedence over the routes of the sandbox', () => {
  expect(gateRoute(id, 3000, edge)).toMatchObject({
    http: {
      routers: {
        'gate-01arz3ndektsv4rrffq69g5fav-3000': {
          rule: `Host(\`${host}\`) && !HeaderRegexp(\`x-sandboxed-wake\`, \`.\`)`,
          service: 'wake',
        },
      },
    },
  });
  expect(JSON.stringify(gateRoute(id, 3000, edge))).toContain(
    '"priority":1000',
  );
});

it('only a private preview is guarded, by its routes, or by a file that comes before them and after a closed gate', () => {
  const middlewares = (visibility: 'public' | 'private') => ({
    http: {
      routers: {
        [key]: {
          middlewares:
            visibility === 'private'
              ? ['preview-guard@file', 'app-retry@file']
              : ['app-retry@file'],
        },
      },
    },
  });
  for (const visibility of ['public', 'private'] as const)
    expect(routed(visibility)).toMatchObject(middlewares(visibility));
  const guardName = 'guard-01arz3ndektsv4rrffq69g5fav-3000';
  const guard = {
    rule: `Host(\`${host}\`)`,
    priority: 500,
    middlewares: [guardName, 'preview-guard@file', 'app-retry@file'],
    service: key,
  };
  expect(guardRoute(id, 3000, edge, 'a mark')).toMatchObject({
    http: {
      routers: { [guardName]: guard },
      middlewares: {
        [guardName]: {
          headers: { customRequestHeaders: { 'x-sandboxed-guard': 'a mark' } },
        },
      },
    },
  });
  expect(
    JSON.stringify(guardRoute(id, 3000, { ...edge, tls: true }, 'a mark')),
  ).toContain('"tls":{}');
});

it('each port has a gate of its own, in the directory that Traefik watches', () => {
  expect(gateFile('/data', id, 8080)).toBe(
    '/data/edge/gate-01arz3ndektsv4rrffq69g5fav-8080.yaml',
  );
});

describe('the name of a file at the edge', () => {
  const nameOf = (path: string) => path.slice('/data/edge/'.length);

  it('is read back', () => {
    for (const [kind, port, path] of [
      ['route', undefined, routeFile('/data', id)],
      ['gate', 3000, gateFile('/data', id, 3000)],
      ['guard', 3000, guardFile('/data', id, 3000)],
    ] as const)
      expect(parseEdgeFile(nameOf(path))).toEqual({
        ...{ kind, id, port },
        draft: false,
      });
  });

  it.each(['.api.new', '.worker.new', '.new'])(
    'is read back of a draft that ends with %s',
    (ending) => {
      for (const path of [routeFile('/data', id), gateFile('/data', id, 3000)])
        expect(parseEdgeFile(`${nameOf(path)}${ending}`)).toMatchObject({
          id,
          draft: true,
        });
    },
  );

  it.each([
    'wake.yaml',
    'gate-x-3000.yaml',
    'gate-../../etc-1.yaml',
    'route-x.yaml',
    'route-01arz3ndektsv4rrffq69g5fav-3000.yaml',
    '',
  ])('is not %s', (name) => {
    expect(parseEdgeFile(name)).toBeUndefined();
  });
});

it('a question about a gate is answered by a shut one, then by Traefik, and before any guard or route', () => {
  const routers = z.object({
    http: z.object({
      routers: z.record(z.string(), z.object({ priority: z.number() })),
    }),
  });
  const priority = (file: unknown, name: string): number =>
    routers.parse(file).http.routers[name]?.priority ?? NaN;
  const fixed: unknown = parse(
    readFileSync(
      new URL('../../../traefik/dynamic/wake.yaml', import.meta.url),
      'utf8',
    ),
  );
  for (const open of ['gate-open', 'gate-open-tls']) {
    const asked = priority(fixed, open);
    expect(asked).toBeLessThan(
      priority(gateRoute(id, 3000, edge), `gate-${key.slice(2)}`),
    );
    expect(asked).toBeGreaterThan(
      priority(guardRoute(id, 3000, edge, 'mark'), `guard-${key.slice(2)}`),
    );
    expect(asked).toBeGreaterThan(priority(routed('public'), key));
  }
});
