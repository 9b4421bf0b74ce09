import fc from 'fast-check';
import { parseSandboxId } from './ids.ts';
import {
  isForeignUse,
  PASS_PARAMETER,
  sessionCookie,
  splitCookies,
  splitPath,
} from './preview-pass.ts';

const OURS = 'sandboxed-preview';
const id = parseSandboxId('01ARZ3NDEKTSV4RRFFQ69G5FAV');
if (id === undefined) throw new Error('test id is no ULID');
const sandboxId = id;

describe('a Cookie header', () => {
  it.each([
    ['http', `a=1; ${OURS}=x; b=2`, ['x'], 'a=1; b=2'],
    ['http', `${OURS}=x`, ['x'], undefined],
    ['http', `${OURS}=old; ${OURS}=new;`, ['old', 'new'], undefined],
    ['http', `a="q;q"; ${OURS}="x"`, ['"x"'], 'a="q; q"'],
    ['http', `${OURS.toUpperCase()}=x; a`, [], 'a'],
    ['http', ` ${OURS} = x ;a=b`, ['x'], 'a=b'],
    ['http', `__Host-${OURS}=x`, [], undefined],
    ['https', `__Host-${OURS}=x; a=1`, ['x'], 'a=1'],
    ['https', `${OURS}=tossed; __host-${OURS}=tossed; a=1`, [], 'a=1'],
    ['http', `x${OURS}=1; ${OURS}2=2`, [], `x${OURS}=1; ${OURS}2=2`],
    ['http', `=${OURS}=x`, [], `=${OURS}=x`],
    ['http', OURS, [OURS], undefined],
    ['http', undefined, [], undefined],
  ] as const)(
    'over %s: %s holds the passes %p and leaves %p',
    (scheme, header, passes, rest) => {
      expect(splitCookies(header, scheme)).toEqual({ passes, rest });
    },
  );

  it('leaves nothing of a session to the app, wherever among others it is', () => {
    const cookie = fc.stringMatching(
      /^[a-z]{1,5}=[\x21\x23-\x3a\x3c-\x7e]{0,8}$/,
    );
    fc.assert(
      fc.property(
        fc.array(cookie),
        fc.array(cookie),
        fc.constantFrom('http', 'https'),
        (before, after, scheme) => {
          const name = scheme === 'https' ? `__Host-${OURS}` : OURS;
          const header = [...before, `${name}=the.pass`, ...after].join('; ');
          const { passes, rest } = splitCookies(header, scheme);
          expect(passes).toEqual(['the.pass']);
          expect(rest ?? '').toBe([...before, ...after].join('; '));
        },
      ),
    );
  });

  it('with a session after all that a browser keeps of a site is still read, and one of any length in bounded time', () => {
    const tossed = `${OURS}=x; `.repeat(180);
    expect(splitCookies(`${tossed}${OURS}=ours`, 'http').passes).toContain(
      'ours',
    );
    expect(splitCookies(tossed.repeat(100), 'http').passes).toHaveLength(256);
    const made = `__Host-${OURS}=x; `.repeat(180);
    expect(splitCookies(made, 'https').passes).toHaveLength(4);
  });
});

describe('a path', () => {
  it.each([
    [`/?${PASS_PARAMETER}=p`, ['p'], '/'],
    [`/a?b=%20c&${PASS_PARAMETER}=p&d`, ['p'], '/a?b=%20c&d'],
    [`/a?sandboxed%5Fpreview=p`, ['p'], '/a'],
    [`/a??${PASS_PARAMETER}=p`, ['p'], '/a'],
    [`/a?${PASS_PARAMETER}`, [''], '/a'],
    [`/a?${PASS_PARAMETER}=1&${PASS_PARAMETER}=2`, ['1', '2'], '/a'],
    [`//evil.test/?${PASS_PARAMETER}=p`, ['p'], '//evil.test/'],
    ['/a?', [], '/a?'],
    ['/a?b=%ZZ&', [], '/a?b=%ZZ&'],
    [`/${PASS_PARAMETER}=p`, [], `/${PASS_PARAMETER}=p`],
  ])('%s holds the passes %p and becomes %s', (path, passes, clean) => {
    expect(splitPath(path)).toEqual({ passes, clean });
  });
});

describe('the cookie of a session', () => {
  const cookie = (scheme: 'http' | 'https', framed: boolean) =>
    sessionCookie({ pass: 'p', maxAgeSeconds: 9, scheme, framed });

  it('is for its host alone and out of reach of scripts', () => {
    expect(cookie('https', false)).toBe(
      `__Host-${OURS}=p; Path=/; Max-Age=9; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(cookie('http', false)).toBe(
      `${OURS}=p; Path=/; Max-Age=9; HttpOnly; SameSite=Lax`,
    );
  });

  it('goes into the jar of the page around it when it is for a frame', () => {
    for (const scheme of ['http', 'https'] as const)
      expect(cookie(scheme, true)).toMatch(
        /; HttpOnly; Secure; SameSite=None; Partitioned$/,
      );
  });
});

describe('a request', () => {
  const own = `http://s-${id.toLowerCase()}-8000.preview.localhost:8080`;
  const neighbour =
    'http://s-01arz3ndektsv4rrffq69g5faw-3000.preview.localhost';
  const builder = 'https://builder.example.org';

  it.each([
    ['of a program', {}, false],
    ['of its own page', { site: 'same-origin', mode: 'cors' }, false],
    ['typed in', { site: 'none', mode: 'navigate' }, false],
    ['of a link on any page', { site: 'cross-site', mode: 'navigate' }, false],
    ["of the sandbox's other port", { origin: own, site: 'same-site' }, false],
    ['of the builder', { origin: builder, site: 'cross-site' }, false],
    ["of another sandbox's page", { origin: neighbour }, true],
    ['for an image on it', { site: 'same-site', mode: 'no-cors' }, true],
    ['of a form on it', { origin: neighbour, mode: 'navigate' }, true],
    [
      'of a form that hides where it is',
      { origin: 'null', site: 'same-site', mode: 'navigate' },
      true,
    ],
    ['of its own form', { origin: 'null', site: 'same-origin' }, false],
    ['of any site', { origin: 'https://builder.example.org.evil.test' }, true],
  ])('%s is as foreign as it should be', (_what, source, foreign) => {
    expect(isForeignUse(source, sandboxId, 'localhost', [builder])).toBe(
      foreign,
    );
  });
});
