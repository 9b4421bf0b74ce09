import { parseSandboxId } from './ids.ts';
import {
  gateFile,
  gateRoute,
  guardFile,
  guardRoute,
  parseGateFile,
  traefikLabels,
} from './labels.ts';

const id = parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV');
if (id === undefined) throw new Error('test id is no ULID');
const edge = { previewDomain: 'localhost', entrypoint: 'web', tls: false };
const host = 's-01arz3ndektsv4rrffq69g5fav-3000.preview.localhost';

it('a closed gate takes precedence over the routes of the container', () => {
  const labels = traefikLabels(
    { id, ports: [3000], visibility: 'public' },
    edge,
  );
  const key = 's-01arz3ndektsv4rrffq69g5fav-3000';
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
  expect(labels[`traefik.http.routers.${key}.rule`]).toBe(`Host(\`${host}\`)`);
  const priority = Number(labels[`traefik.http.routers.${key}.priority`]);
  expect(JSON.stringify(gateRoute(id, 3000, edge))).toContain(
    `"priority":${priority * 10}`,
  );
});

it('only a private preview is guarded, by its labels, or by a file that comes before them and after a closed gate', () => {
  const routed = (visibility: 'public' | 'private') =>
    traefikLabels({ id, ports: [3000], visibility }, edge)[
      'traefik.http.routers.s-01arz3ndektsv4rrffq69g5fav-3000.middlewares'
    ];
  expect(routed('public')).toBe('app-retry@file');
  expect(routed('private')).toBe('preview-guard@file,app-retry@file');
  const guardName = 'guard-01arz3ndektsv4rrffq69g5fav-3000';
  const guard = {
    rule: `Host(\`${host}\`)`,
    priority: 500,
    middlewares: [guardName, 'preview-guard@file', 'app-retry@file'],
    service: 's-01arz3ndektsv4rrffq69g5fav-3000@docker',
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

describe('the name of a gate', () => {
  it('is read back', () => {
    const name = gateFile('/data', id, 3000).slice('/data/edge/'.length);
    expect(parseGateFile(name)).toEqual({ id, port: 3000, draft: false });
    const guard = guardFile('/data', id, 3000).slice('/data/edge/'.length);
    expect(parseGateFile(guard)).toEqual({ id, port: 3000, draft: false });
  });

  it.each(['.api.new', '.worker.new', '.new'])(
    'is read back of a draft that ends with %s',
    (ending) => {
      const name = gateFile('/data', id, 3000).slice('/data/edge/'.length);
      const draft = { id, port: 3000, draft: true };
      expect(parseGateFile(`${name}${ending}`)).toEqual(draft);
    },
  );

  it.each(['wake.yaml', 'gate-x-3000.yaml', 'gate-../../etc-1.yaml', ''])(
    'is not %s',
    (name) => {
      expect(parseGateFile(name)).toBeUndefined();
    },
  );
});
