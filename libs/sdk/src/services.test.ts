import type { Answer, FakeApi } from '../test/fake-api.ts';
import { broken, fakeApi, refusal } from '../test/fake-api.ts';
import { ConflictError, ConnectionError } from './errors.ts';
import { Client } from './http/client.ts';
import { Services } from './services.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function services(...answers: readonly Answer[]): Promise<Services> {
  api = await fakeApi(...answers);
  const client = new Client({ baseUrl: api.baseUrl, silenceMs: 1_000 });
  return new Services(client, 'S');
}

const log =
  (then: 'end' | 'break' | 'stay'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: log\ndata: {"text":"one"}\n\n', () => {
      if (then === 'end') response.end();
      if (then === 'break') response.destroy();
    });
  };

it.each(['break', 'stay'] as const)(
  'says so when a log without numbers does %s',
  async (then) => {
    const following = (await services(log(then))).follow('web');
    expect(await following.next()).toMatchObject({ value: 'one' });
    await expect(following.next()).rejects.toThrow(ConnectionError);
  },
);

/** Pieces of a log, of which each has a number. */
const numbered =
  (
    then: 'end' | 'break',
    ...frames: readonly (readonly [string, string])[]
  ): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = frames
      .map(
        ([id, said]) => `id: ${id}\nevent: log\ndata: {"text":"${said}"}\n\n`,
      )
      .join('');
    response.write(`id: r-0\nevent: position\ndata: {}\n\n${text}`, () => {
      if (then === 'end') response.end();
      else response.destroy();
    });
  };

async function all(following: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of following) pieces.push(piece);
  return pieces;
}

it('goes on after the last piece that came, until the sandbox sleeps', async () => {
  const it = await services(
    numbered('break'),
    numbered('break', ['r-3', 'one']),
    refusal(502, 'agent_unreachable'),
    numbered('end', ['r-6', 'two']),
    refusal(409, 'sandbox_not_running'),
  );
  expect(await all(it.follow('web', { tail: 7 }))).toEqual(['one', 'two']);
  expect(api?.came.map(({ headers }) => headers['last-event-id'])).toEqual([
    ...[undefined, 'r-0', 'r-3', 'r-3', 'r-6'],
  ]);
  expect(api?.came[1]?.url).toBe(
    '/v1/sandboxes/S/services/web/logs?tail=7&follow=true',
  );
});

it('tells where something is missing', async () => {
  const onGap = jest.fn();
  const it = await services(
    numbered('break', ['r-3', 'one']),
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'event: trimmed\ndata: {"message":"gone","bytes":7}\n\nevent: trimmed\ndata: {"message":"gone"}\n\nid: s-9\nevent: log\ndata: {"text":"two"}\n\n',
      );
    },
    refusal(404, 'service_not_found'),
  );
  expect(await all(it.follow('web', { onGap }))).toEqual(['one', 'two']);
  expect(onGap.mock.calls).toEqual([[7], [undefined]]);
  expect(api?.came.at(-1)?.headers['last-event-id']).toBe('s-9');
});

it('gives a log up when it cannot be taken up in time', async () => {
  api = await fakeApi(numbered('break', ['r-3', 'one']), broken);
  const client = new Client({ baseUrl: api.baseUrl, patienceMs: 50 });
  const following = new Services(client, 'S').follow('web');
  expect(await following.next()).toMatchObject({ value: 'one' });
  await expect(following.next()).rejects.toThrow(ConnectionError);
});

it('follows a log without numbers to its end', async () => {
  const following = (await services(log('end'))).follow('web');
  expect(await following.next()).toMatchObject({ value: 'one' });
  expect(await following.next()).toMatchObject({ done: true });
});

it('says why a log cannot be followed, and ends with the reason of the signal', async () => {
  const refused = (await services(refusal(409, 'sandbox_not_running'))).follow(
    'web',
  );
  await expect(refused.next()).rejects.toThrow(ConflictError);
  await api?.close();

  const controller = new AbortController();
  const why = new Error('enough');
  const { signal } = controller;
  const following = (await services(log('stay'))).follow('web', { signal });
  await following.next();
  controller.abort(why);
  await expect(following.next()).rejects.toBe(why);
});

it('reads the last lines again whose answer broke off', async () => {
  const it = await services(
    broken,
    (response) => {
      response.write('half', () => response.destroy());
    },
    (response) => response.end('all'),
  );
  expect(await it.logs('web')).toBe('all');
});
