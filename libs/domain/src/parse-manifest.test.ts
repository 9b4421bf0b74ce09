import fc from 'fast-check';
import { manifestSchema } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';

const problemOf = (text: string): string => {
  const parsed = parseManifest(text);
  return 'problem' in parsed ? parsed.problem : 'no problem';
};

describe('a manifest', () => {
  it('may leave out everything but its version', () => {
    expect(parseManifest('version: 1')).toEqual({
      ok: { version: 1, workers: [] },
    });
  });

  it('says all of an app', () => {
    const text = `
version: 1
web:
  command: npm run serve
  port: 8080
  health_path: /healthz
  cwd: site
  env: { NODE_ENV: production }
build:
  command: npm run build
  timeout_seconds: 900
workers:
  - name: mailer
    command: node mailer.js
`;
    expect(parseManifest(text)).toEqual({
      ok: {
        version: 1,
        web: {
          command: 'npm run serve',
          port: 8080,
          health_path: '/healthz',
          cwd: 'site',
          env: { NODE_ENV: 'production' },
        },
        build: { command: 'npm run build', timeout_seconds: 900 },
        workers: [{ name: 'mailer', command: 'node mailer.js', env: {} }],
      },
    });
  });

  it('serves port 3000 at / and builds for five minutes unless it says otherwise', () => {
    expect(
      parseManifest('version: 1\nweb: {command: a}\nbuild: {command: b}'),
    ).toMatchObject({
      ok: {
        web: { port: 3000, health_path: '/' },
        build: { timeout_seconds: 300 },
      },
    });
  });

  const web = 'version: 1\nweb:\n  command: x\n';
  it.each([
    ['', ' must hold keys and values'],
    ['web: {command: a}', ' line 1: version is missing'],
    ['version: 2', ' line 1: version must be 1'],
    ['- version: 1', ' line 1: must hold keys and values'],
    [
      `${web}  port: 99999`,
      ' line 4: web.port must be a whole number from 1 to 65535',
    ],
    [
      `${web}  port: "80"`,
      ' line 4: web.port must be a whole number from 1 to 65535',
    ],
    [`${web}  prot: 3000`, ' line 4: web.prot is not a known key'],
    ['version: 1\nwbe: {}', ' line 2: wbe is not a known key'],
    ['version: 1\nweb:\n  port: 80', ' line 2: web.command is missing'],
    ['version: 1\nweb:', ' line 2: web must hold keys and values'],
    [
      'version: 1\nweb:\n  command: ""',
      ' line 3: web.command must not be empty',
    ],
    [
      `${web}  health_path: health`,
      ' line 4: web.health_path must begin with / and hold visible ASCII alone',
    ],
    [
      `${web}  env:\n    A: 1`,
      ' line 5: web.env.A must be text; a number needs quotes',
    ],
    [
      `${web}  env:\n    1A: a`,
      ' line 5: web.env.1A must be a name of letters, digits and underscores that starts with no digit',
    ],
    [
      'version: 1\nbuild:\n  command: a\n  timeout_seconds: 3601',
      ' line 4: build.timeout_seconds must be a whole number from 1 to 3600',
    ],
    [
      'version: 1\nworkers:\n  - name: a\n    command: b\n  - name: a\n    command: c',
      ' line 5: workers[1].name "a" is named twice',
    ],
    [
      'version: 1\nworkers:\n  - name: web\n    command: b',
      ' line 3: workers[0].name must not be "web"',
    ],
    ['version: 1\nworkers: {}', ' line 2: workers must be a list'],
    ['version: 1\nversion: 1', ' line 2: Map keys must be unique'],
    [
      'version: 1\n---\nversion: 1',
      ' line 2: a second document (---) is not allowed',
    ],
    ['a: &a [x]\nb: *a', ' line 1: anchors (&name) are not allowed'],
    ['version: !php 1', ' line 1: tags (!name) are not allowed'],
    ['['.repeat(60_000), ' line 1: is nested too deeply'],
    ['#'.repeat(70_000), ' is larger than 64 KiB'],
  ])('is refused with its line: %#', (text, problem) => {
    expect(problemOf(text)).toBe(`sandbox.yaml${problem}`);
  });

  it('is refused and never throws, whatever the text', () => {
    const word = fc.constantFrom(
      ...['version: 1', 'web:', '\n', '  ', '- ', '{', '}', '[', ']', ': '],
      ...['&a', '*a', '!!js', '"', "'", '|', '? ', '<<', '__proto__', 'env'],
      ...['command', 'port', '\t', '#', '\0', '\uFEFF', '%YAML 1.1', '---'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
        ),
        (text) => {
          const parsed = parseManifest(text);
          if ('problem' in parsed)
            expect(parsed.problem).toMatch(/^sandbox\.yaml .+$/s);
          else expect(parsed.ok.version).toBe(1);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...[
      'version: 1',
      'web:',
      'workers:',
      'build:',
      '  command: a',
      '  port: 3000',
      '  port: 1e9',
      'name: x',
    ],
    ...[
      '- ',
      '  - { name: a, command: b }',
      '&a',
      '*a',
      '<<: *a',
      '!!js/function x',
      '!!binary AA==',
      '? ',
      ': ',
      '|',
      '>-',
      '%YAML 9',
      '---',
      '...',
    ],
    ...[
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '#',
      '\t',
      '\0',
      '\ud800',
      '~',
      '__proto__: {}',
      'constructor: 1',
      '.inf',
      '0o777',
      '2001-01-01',
    ],
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 25 }).map((parts) => parts.join('\n')),
    fc.array(words, { maxLength: 25 }).map((parts) => parts.join('')),
    fc
      .array(fc.nat(0xffff), { maxLength: 200 })
      .map((codes) => String.fromCharCode(...codes)),
    fc.json().map((json) => `{"version":1,"web":${json}}`),
  );

  it('has a problem to read also where the parser quotes a character that no terminal should get', () => {
    expect(parseManifest('|\0')).toEqual({
      problem: expect.stringMatching(/line 1: .*: \| $/) as unknown,
    });
  });

  it('is a manifest, or has a problem that is one line to read', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseManifest(text);
        if ('ok' in parsed)
          expect(manifestSchema.parse(parsed.ok)).toEqual(parsed.ok);
        else {
          expect(parsed.problem).toMatch(/^\S[^\n\0]*$/);
          expect(parsed.problem.length).toBeLessThan(2_000);
        }
      }),
      { numRuns: 400 },
    );
  });
});
