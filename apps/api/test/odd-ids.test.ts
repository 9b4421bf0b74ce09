import { allRoutes } from '../src/app.ts';
import { sendRaw } from './raw-http.ts';
import type { World } from './support.ts';
import { cleanUp, listen, noSandbox, running, world } from './support.ts';
import { validBody } from './valid-bodies.ts';

let deps: World;
let url: string;
/** One that is there: what is odd is all that is wrong. */
let sandbox: string;
beforeAll(async () => {
  deps = await world();
  const api = await listen(deps);
  ({ url } = api);
  sandbox = await running(deps, api);
});
afterAll(cleanUp);

const ULID = noSandbox();

/** Ids as they are written into an address, none of which is one. */
const ODD: readonly (readonly [string, string])[] = [
  ['a dot', '.'],
  ['dots that climb', '%2e%2e'],
  ['dots and slashes', '..%2f..%2fetc%2fpasswd'],
  ['dots behind an id', `${ULID}%2f..`],
  ['slashes of another system', '..%5c..'],
  ['a slash and no more', '%2f'],
  ['an end inside', `${ULID}%00`],
  ['an end alone', '%00'],
  ['a line end', `${ULID}%0a`],
  ['a line end before a header', '%0d%0aSet-Cookie:a=b'],
  ['a space behind it', `${ULID}%20`],
  ['letters that look alike', `${ULID.slice(0, -1)}%D0%90`],
  ['letters of full width', `${ULID.slice(0, -1)}%EF%BC%91`],
  ['half a character', `${ULID.slice(0, -1)}%C3`],
  ['half an escape', '%'],
  ['an escape of an escape', '%252e%252e'],
  ['one character too few', ULID.slice(1)],
  ['one character too many', `${ULID}0`],
  ['a number beyond 128 bits', 'Z'.repeat(26)],
  ['a letter that no id has', `${ULID.slice(0, -1)}U`],
  ['the name of what all objects have', '__proto__'],
  ['8 kB', '0'.repeat(8_192)],
];

const ADDRESSES = allRoutes('1').flatMap(({ method, paths }) =>
  paths
    .filter((path) => /\{(id|taskId|key|name)\}/.test(path))
    .flatMap((path) =>
      [...path.matchAll(/\{(id|taskId|key|name)\}/g)].map(([odd]) => ({
        method: method.toUpperCase(),
        path: path
          .replaceAll(/\{\w+\}/g, (name) => (name === odd ? 'ODD' : name))
          .replace('{name}', 'web'),
      })),
    ),
);

it.each(ODD)(
  'takes no id with %s, whatever is asked of it',
  async (_of, id) => {
    expect(ADDRESSES.length).toBeGreaterThan(40);
    const logged = deps.log.length;
    const before = deps.store.jobs.list({ limit: 9 }).items;
    const other: unknown[] = [];
    for (const { method, path } of ADDRESSES) {
      const body = JSON.stringify(validBody(path));
      const { status, text } = await sendRaw(
        url,
        [
          `${method} ${path.replace('ODD', id).replace('{id}', sandbox)}?path=a HTTP/1.1`,
          ...['Host: localhost', `Content-Length: ${body.length}`],
        ],
        body,
      );
      const isRefused =
        [400, 404, 405].includes(status) &&
        text.includes('application/problem+json') &&
        !/^set-cookie/im.test(text);
      if (!isRefused) other.push([method, path, status]);
    }
    expect(other).toEqual([]);
    expect(
      deps.log.slice(logged).filter((line) => line.includes('request failed')),
    ).toEqual([]);
    expect(deps.store.jobs.list({ limit: 9 }).items).toEqual(before);
  },
);
