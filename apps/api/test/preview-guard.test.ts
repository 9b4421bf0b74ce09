import { cleanUp, noSandbox, running, world } from './support.ts';
import {
  guardAsks,
  linkTo,
  NO_EDGE,
  privateSleeper,
  sessionFor,
} from './preview-support.ts';
import { ask, hostOf, PAGE, waking } from './wake-support.ts';

afterEach(cleanUp);

describe('the guard', () => {
  it('lets nobody pass without a session of this very port', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps, { ports: [3000, 8000] });
    const other = await running(deps, api, { visibility: 'private' });
    const wake = await waking(deps);
    const link = await linkTo(api, id);
    const pass = link.slice(link.indexOf('=') + 1);
    const cookies = [
      '',
      'sandboxed-preview=',
      'sandboxed-preview=1.x',
      `sandboxed-preview=${pass}`,
      await sessionFor(wake, api, other),
      await sessionFor(wake, api, id, { port: 8000 }),
      `__Host-${await sessionFor(wake, api, id)}`,
    ];
    for (const cookie of cookies) {
      const answer = await guardAsks(wake, hostOf(id), { cookie });
      answer.resume();
      expect([cookie, answer.statusCode]).toEqual([cookie, 401]);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('lets a session pass and keeps it from the app, also among what a neighbour tossed', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const session = await sessionFor(wake, api, id);
    const ask = async (cookie: string) => {
      const answer = await guardAsks(wake, hostOf(id), { cookie });
      answer.resume();
      return [answer.statusCode, answer.headers['cookie']];
    };
    expect(await ask(session)).toEqual([200, undefined]);
    expect(await ask(`a=1; ${session}; b="2"`)).toEqual([200, 'a=1; b="2"']);
    const tossed = 'sandboxed-preview=9999999999.x; '.repeat(170);
    expect(await ask(`${tossed}${session}; a=1`)).toEqual([200, 'a=1']);
  });

  it('opens a link for reading alone, and never lets its pass through', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const [, pass = ''] = (await linkTo(api, id)).split('?');
    const cookie = await sessionFor(wake, api, id);
    const ask = async (path: string, method: string, headers = {}) => {
      const answer = await guardAsks(wake, hostOf(id), headers, path, method);
      answer.resume();
      return [answer.statusCode, answer.headers.location];
    };
    expect(await ask(`/a//b?c=1&${pass}&d=%20`, 'GET')).toEqual([
      303,
      `http://${hostOf(id)}/a//b?c=1&d=%20`,
    ]);
    expect(await ask(`//evil.test/?${pass}`, 'HEAD')).toEqual([
      303,
      `http://${hostOf(id)}//evil.test/`,
    ]);
    expect(await ask(`/?${pass}`, 'POST', { cookie })).toEqual([
      401,
      undefined,
    ]);
    expect(await ask('/?sandboxed_preview=1.x', 'GET')).toEqual([
      401,
      undefined,
    ]);
    // An old bookmark of somebody who is in.
    expect(await ask('/b?sandboxed_preview=1.x', 'GET', { cookie })).toEqual([
      303,
      `http://${hostOf(id)}/b`,
    ]);
  });

  it('ends a session with its link, and every one at once when they are revoked', async () => {
    const deps = await world();
    let ahead = 0;
    const later = { ...deps, now: () => Date.now() + ahead };
    const { id, api } = await privateSleeper(later);
    const wake = await waking(later);
    const link = await linkTo(api, id, { expires_in: 60 });
    const cookie = await sessionFor(wake, api, id, { expires_in: 60 });
    const status = async (headers: object, path?: string) => {
      const answer = await guardAsks(wake, hostOf(id), { ...headers }, path);
      answer.resume();
      return answer.statusCode;
    };
    expect([await status({ cookie }), await status({}, link)]).toEqual([
      200, 303,
    ]);
    ahead = 61_000;
    expect([await status({ cookie }), await status({}, link)]).toEqual([
      401, 401,
    ]);
    ahead = 0;
    const { status: revoked } = await api(
      `DELETE /v1/sandboxes/${id}/preview-links`,
    );
    expect(revoked).toBe(200);
    expect([await status({ cookie }), await status({}, link)]).toEqual([
      401, 401,
    ]);
    expect(await status({}, await linkTo(api, id))).toBe(303);
  });

  it('refuses what a page of another sandbox asks for in the name of its visitor', async () => {
    const deps = await world({
      SANDBOXED_BUILDER_ORIGINS: 'https://builder.example.org',
    });
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const cookie = await sessionFor(wake, api, id);
    const status = async (headers: object) => {
      const sent = { cookie, ...headers };
      const answer = await guardAsks(wake, hostOf(id), sent);
      answer.resume();
      return answer.statusCode;
    };
    const neighbour = { origin: `http://${hostOf(noSandbox())}` };
    const image = {
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': 'no-cors',
    };
    expect(await status(neighbour)).toBe(403);
    expect(await status(image)).toBe(403);
    expect(await status({ origin: 'https://builder.example.org' })).toBe(200);
    expect(await status({ origin: `http://${hostOf(id)}` })).toBe(200);
  });

  it('passes everybody on to a public preview, without a session that it once had', async () => {
    const deps = await world(NO_EDGE);
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const link = await linkTo(api, id);
    const cookie = `${await sessionFor(wake, api, id)}; a=1`;
    await api(`PATCH /v1/sandboxes/${id}`, { visibility: 'public' });
    const answer = await guardAsks(wake, hostOf(id), { cookie });
    answer.resume();
    expect([answer.statusCode, answer.headers['cookie']]).toEqual([200, 'a=1']);
    const opened = await guardAsks(wake, hostOf(id), {}, link);
    opened.resume();
    expect(opened.headers.location).toBe(`http://${hostOf(id)}/`);
    // What it might have told its app is void once it is private again.
    await api(`PATCH /v1/sandboxes/${id}`, { visibility: 'private' });
    const again = await guardAsks(wake, hostOf(id), { cookie });
    again.resume();
    expect(again.statusCode).toBe(401);
  });

  it('is asked by Traefik alone: a visitor who asks for its path, with what Traefik would say, gets the preview', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const sleeper = await running(deps, api, {});
    const wake = await waking(deps);
    const forged = {
      'x-forwarded-host': hostOf(sleeper),
      'x-forwarded-uri': '/',
      'x-forwarded-method': 'GET',
    };
    for (const host of [hostOf(id), `${hostOf(id)}:127`]) {
      const answer = await ask(wake, host, forged, '/guard');
      answer.resume();
      expect(answer.statusCode).toBe(401);
    }
    const gone = await guardAsks(wake, hostOf(noSandbox()));
    gone.resume();
    expect(gone.statusCode).toBe(404);
  });

  it('writes no pass to the log', async () => {
    const deps = await world();
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const link = await linkTo(api, id);
    const cookie = await sessionFor(wake, api, id);
    for (const path of [link, `${link}x`, '/'])
      (await guardAsks(wake, hostOf(id), { cookie }, path)).resume();
    (await ask(wake, hostOf(id), {}, `${link}x`)).resume();
    const log = deps.log.join('');
    expect(log).toContain(hostOf(id));
    for (const secret of [link, cookie])
      expect(log).not.toContain(secret.split('.').at(-1));
  });
});

describe('frames', () => {
  const FRAME = { ...PAGE, 'sec-fetch-dest': 'iframe' };
  const cookieOf = async (settings: Readonly<Record<string, string>>) => {
    const deps = await world(settings);
    const { id, api } = await privateSleeper(deps);
    const wake = await waking(deps);
    const answer = await ask(wake, hostOf(id), FRAME, await linkTo(api, id));
    answer.resume();
    return {
      cookie: answer.headers['set-cookie']?.[0],
      policy: answer.headers['content-security-policy'],
    };
  };

  it('get a session of their own where a builder is named', async () => {
    const builder = 'https://builder.example.org';
    const { cookie, policy } = await cookieOf({
      SANDBOXED_BUILDER_ORIGINS: builder,
    });
    expect(cookie).toMatch(/; Secure; SameSite=None; Partitioned$/);
    expect(policy).toBe(`frame-ancestors 'self' ${builder}`);
  });

  it('get the usual one where none is, which browsers keep from other sites', async () => {
    const { cookie, policy } = await cookieOf({});
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/);
    expect(policy).toBeUndefined();
  });
});
