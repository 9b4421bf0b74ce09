import fc from 'fast-check';
import type { AppFacts } from './app-facts.ts';
import type { DeclaredService } from './app-plan.ts';
import { planApp } from './app-plan.ts';

/** An app directory of these files; null stands for one whose text is not known. */
const app = (files: Record<string, string | null>): AppFacts => ({
  present: Object.keys(files),
  texts: Object.fromEntries(
    Object.entries(files).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  ),
});

const declare = (
  name: string,
  spec: { command?: string; port?: number } = {},
): DeclaredService => ({ name, spec: { command: name, env: {}, ...spec } });

const scripts = (all: Record<string, string>): string =>
  JSON.stringify({ scripts: all });

/** What a detected app is served with, without the installation before it. */
function served(files: Record<string, string | null>): string | undefined {
  return planApp(app(files), []).services[0]?.command.split('\n').at(-1);
}

describe('an app without a manifest', () => {
  it.each([
    [{ 'package-lock.json': null }, 'exec npm run dev'],
    [{ 'pnpm-lock.yaml': null }, 'exec pnpm run dev'],
    [{ 'yarn.lock': null }, 'exec yarn run dev'],
    [{ 'bun.lock': null }, 'exec bun run dev'],
    [{ 'bun.lockb': null }, 'exec bun run dev'],
    [{}, 'exec npm run dev'],
  ])('is run by the package manager of its lock file: %j', (lock, command) => {
    const files = { 'package.json': scripts({ dev: 'node a.js' }), ...lock };
    expect(served(files)).toBe(command);
  });

  it.each([
    ['vite', '-- --host 0.0.0.0 --port 3000 --strictPort'],
    ['vite dev --port 5173', '-- --host 0.0.0.0 --port 3000 --strictPort'],
    ['tsc -b && vite', '-- --host 0.0.0.0 --port 3000 --strictPort'],
    [
      'NODE_ENV=x cross-env A=b npx vite',
      '-- --host 0.0.0.0 --port 3000 --strictPort',
    ],
    ['./node_modules/.bin/vite', '-- --host 0.0.0.0 --port 3000 --strictPort'],
    ['next dev --turbopack', '-- -H 0.0.0.0 -p 3000'],
    ['astro dev', '-- --host 0.0.0.0 --port 3000'],
    ['react-router dev', '-- --host 0.0.0.0 --port 3000'],
    ['vite & node api.js', ''],
    ['node --watch server.js', ''],
    ['vite-node server.ts', ''],
    ['constructor', ''],
  ])('gets what its server needs: %s', (dev, args) => {
    expect(served({ 'package.json': scripts({ dev }) })).toBe(
      `exec npm run dev ${args}`.trim(),
    );
  });

  it('gets arguments without -- from package managers that pass them on as they are', () => {
    const files = {
      'package.json': scripts({ dev: 'vite' }),
      'pnpm-lock.yaml': null,
    };
    expect(served(files)).toBe(
      'exec pnpm run dev --host 0.0.0.0 --port 3000 --strictPort',
    );
  });

  it('is started when it has nothing for development', () => {
    const files = { 'package.json': scripts({ start: 'node a.js', dev: ' ' }) };
    expect(served(files)).toBe('exec npm run start');
  });

  it('serves port 3000 as the service web', () => {
    const plan = planApp(app({ 'package.json': scripts({ dev: 'vite' }) }), []);
    expect(plan).toMatchObject({
      source: 'detected',
      services: [{ name: 'web', port: 3000, source: 'detected' }],
      web: { service: 'web', port: 3000, healthPath: '/' },
    });
  });

  const fastapi = 'from fastapi import FastAPI\napp = FastAPI()\n';
  const uvicorn = 'exec .venv/bin/python -m uvicorn';
  it.each([
    [
      { 'requirements.txt': 'fastapi\nuvicorn\n', 'main.py': fastapi },
      `${uvicorn} main:app --host 0.0.0.0 --port 3000`,
    ],
    [
      { 'requirements.txt': 'fastapi[standard]', 'app/main.py': fastapi },
      `${uvicorn} app.main:app --host 0.0.0.0 --port 3000 --reload`,
    ],
    [
      { 'main.py': fastapi.replace('app =', 'api: FastAPI =') },
      `${uvicorn} main:api --host 0.0.0.0 --port 3000`,
    ],
    [
      { 'main.py': 'print(1)', 'app.py': fastapi },
      `${uvicorn} app:app --host 0.0.0.0 --port 3000`,
    ],
    [
      {
        'pyproject.toml': '[project]\ndependencies = ["uvicorn"]',
        'app.py': null,
      },
      `${uvicorn} app:app --host 0.0.0.0 --port 3000`,
    ],
    [
      { 'requirements.txt': 'Flask==3.0', 'app.py': 'import flask' },
      'exec .venv/bin/python -m flask --app app run --host 0.0.0.0 --port 3000 --reload',
    ],
    [
      { 'requirements.txt': '# no flask\nrich', 'app.py': '' },
      'exec .venv/bin/python app.py',
    ],
    [{ 'app.py': '' }, 'exec python3 app.py'],
    [{ 'app.py': '', '.venv': null }, 'exec .venv/bin/python app.py'],
    [{ 'main.py': '', 'app.py': '' }, 'exec python3 main.py'],
    [{ 'requirements.txt': 'fastapi' }, undefined],
    [{ 'index.html': null }, 'exec python3 -m http.server 3000 --bind 0.0.0.0'],
    [
      { 'public/index.html': null, 'dist/index.html': null },
      'exec python3 -m http.server 3000 --bind 0.0.0.0 --directory public',
    ],
    [
      { 'dist/index.html': null },
      'exec python3 -m http.server 3000 --bind 0.0.0.0 --directory dist',
    ],
    [{ 'package.json': '{}', 'main.py': '' }, 'exec python3 main.py'],
    [{}, undefined],
  ])('is run by what is there: %j', (files, command) => {
    expect(served(files as Record<string, string | null>)).toBe(command);
  });

  it.each([
    [
      { 'requirements.txt': 'fastapi' },
      '-r requirements.txt && uv pip install --python .venv/bin/python uvicorn',
    ],
    [{}, 'uv pip install --python .venv/bin/python fastapi uvicorn'],
    [
      { 'pyproject.toml': '[project]\ndependencies = ["fastapi[standard]"]' },
      'uv sync && mkdir',
    ],
  ])('gets a server that it does not name itself: %j', (files, install) => {
    const facts = app({ ...files, 'main.py': fastapi });
    expect(planApp(facts, []).services[0]?.command).toContain(install);
  });

  it('says so when package.json cannot be read, and guesses nothing', () => {
    for (const text of ['{', '[]', '1', null])
      expect(
        planApp(app({ 'package.json': text, 'index.html': null }), []),
      ).toMatchObject({
        source: 'none',
        services: [],
        problem: expect.stringContaining('package.json is not'),
      });
  });

  it('is built by its build script', () => {
    const files = {
      'package.json': scripts({ build: 'vite build' }),
      'yarn.lock': null,
      'index.html': null,
    };
    const { build, services } = planApp(app(files), []);
    expect(build?.timeoutSeconds).toBe(300);
    expect(build?.command.split('\n').at(-1)).toBe('exec yarn run build');
    expect(build?.command).toContain('yarn install');
    expect(services[0]?.command).toContain('http.server');
  });
});

describe('declared services', () => {
  it('keep everything else from being detected', () => {
    const plan = planApp(app({ 'index.html': null }), [
      declare('api', { port: 8080 }),
    ]);
    expect(plan).toMatchObject({
      source: 'declared',
      services: [{ name: 'api', source: 'declared' }],
      web: { service: 'api', port: 8080, healthPath: '/' },
    });
  });

  it.each([
    [[declare('a', { port: 1 }), declare('web', { port: 2 })], 'web'],
    [[declare('a', { port: 1 }), declare('b', { port: 3000 })], 'b'],
    [[declare('a'), declare('b', { port: 1 }), declare('c', { port: 2 })], 'b'],
    [[declare('web')], undefined],
  ])('name one to open: %#', (services, name) => {
    expect(planApp(app({}), services).web?.service).toBe(name);
  });
});

describe('a manifest', () => {
  const text =
    'version: 1\nweb: {command: serve, port: 4000, health_path: /ok}\nworkers: [{name: mail, command: post}]\nbuild: {command: make, timeout_seconds: 9}';

  it('comes first, and declared services join where name and port are free', () => {
    const plan = planApp(
      app({ 'sandbox.yaml': text, 'package.json': scripts({ build: 'x' }) }),
      [
        declare('mail'),
        declare('api', { port: 4000 }),
        declare('cache', { port: 6379 }),
      ],
    );
    expect(plan).toEqual({
      source: 'manifest',
      services: [
        {
          name: 'web',
          source: 'manifest',
          command: 'serve',
          port: 4000,
          env: {},
        },
        { name: 'mail', source: 'manifest', command: 'post', env: {} },
        {
          name: 'cache',
          source: 'declared',
          command: 'cache',
          port: 6379,
          env: {},
        },
      ],
      web: { service: 'web', port: 4000, healthPath: '/ok' },
      build: { command: 'make', timeoutSeconds: 9 },
      overridden: ['mail', 'api'],
    });
  });

  it("of workers alone has nothing to open, and is built by the project's own script", () => {
    const plan = planApp(
      app({
        'sandbox.yaml': 'version: 1\nworkers: [{name: a, command: b}]',
        'package.json': scripts({ dev: 'vite', build: 'x' }),
      }),
      [],
    );
    expect(plan.web).toBeUndefined();
    expect(plan.build?.command).toMatch(/npm run build$/);
  });

  it.each(['version: 3', null])(
    'with a mistake leaves declared services running and detects nothing: %j',
    (broken) => {
      const facts = app({ 'sandbox.yaml': broken, 'index.html': null });
      expect(planApp(facts, [declare('api')])).toMatchObject({
        source: 'declared',
        services: [{ name: 'api' }],
        problem: expect.stringMatching(/^sandbox\.yaml /),
      });
      expect(planApp(facts, [])).toMatchObject({
        source: 'none',
        services: [],
      });
    },
  );
});

it('plans every app without an error, each name once and the web among the services', () => {
  const names = fc.constantFrom(
    ...['sandbox.yaml', 'package.json', 'requirements.txt', 'main.py'],
    ...['pyproject.toml', 'app.py', 'index.html', 'yarn.lock', '.venv'],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constantFrom(
      'version: 1\nweb: {command: a}',
      '{"scripts":{"dev":"vite","build":7}}',
      '{"scripts":{"__proto__":"a","start":"b"}}',
      '{"scripts":[]}',
      'import fastapi',
    ),
  );
  const service = fc.record({
    name: fc.constantFrom('web', 'a', 'b'),
    spec: fc.record({
      command: fc.string(),
      port: fc.integer({ min: 3000, max: 3002 }),
      env: fc.constant({}),
    }),
  });
  fc.assert(
    fc.property(
      fc.dictionary(names, texts),
      fc.array(names),
      fc.uniqueArray(service, { selector: ({ name }) => name }),
      (files, more, declared) => {
        const plan = planApp(
          { present: [...Object.keys(files), ...more], texts: files },
          declared,
        );
        const planned = plan.services.map(({ name }) => name);
        expect(new Set(planned).size).toBe(planned.length);
        if (plan.web !== undefined) expect(planned).toContain(plan.web.service);
        for (const { name } of declared)
          expect([...planned, ...plan.overridden]).toContain(name);
      },
    ),
    { numRuns: 1_000 },
  );
});
