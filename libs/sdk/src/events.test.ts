import type { Answer, FakeApi } from '../test/fake-api.ts';
import { broken, events, fakeApi, json, refusal } from '../test/fake-api.ts';
import { ConnectionError, FailureError, NotFoundError } from './errors.ts';
import type { SandboxedEvent } from './events.ts';
import { follow } from './events.ts';
import { Client } from './http/client.ts';
import type { Connection } from './http/connection.ts';
import { Jobs } from './jobs.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function jobs(
  answers: readonly Answer[],
  more: Partial<Connection> = {},
): Promise<{ readonly jobs: Jobs; readonly api: FakeApi }> {
  api = await fakeApi(...answers);
  return { api, jobs: new Jobs(new Client({ baseUrl: api.baseUrl, ...more })) };
}

async function all(
  stream: AsyncIterable<SandboxedEvent>,
): Promise<SandboxedEvent[]> {
  const seen: SandboxedEvent[] = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

const text = (id: number): readonly [number, string, object] => [
  id,
  'stdout',
  { text: `line ${String(id)}`, offset: id, at: '2026-11-28T09:30:00.000Z' },
];
const DONE = [9, 'done', { status: 'succeeded' }] as const;

it('goes on after the last event that came, however the stream ended', async () => {
  const { jobs: it, api } = await jobs([
    events([text(1), text(2)], 'break'),
    broken,
    events([text(3)], 'end'),
    events([DONE], 'stay'),
  ]);
  const seen = await all(it.events('J'));
  expect(seen.map(({ id }) => id)).toEqual(['1', '2', '3', '9']);
  expect(api.came.map(({ headers }) => headers['last-event-id'])).toEqual([
    undefined,
    '2',
    '2',
    '3',
  ]);
});

it('begins after the event that the caller saw last', async () => {
  const { jobs: it, api } = await jobs([events([DONE])]);
  await all(it.events('J', { after: '8' }));
  expect(api.came[0]?.headers['last-event-id']).toBe('8');
});

it('takes up a stream that went silent', async () => {
  const { jobs: it } = await jobs([events([text(1)], 'stay'), events([DONE])], {
    silenceMs: 100,
  });
  expect((await all(it.events('J'))).map(({ id }) => id)).toEqual(['1', '9']);
});

it('puts together events that come in pieces', async () => {
  const { jobs: it } = await jobs([
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const bytes = Buffer.from(
        'id: 1\r\nevent: stdout\r\ndata: {"text":"ä😀",\r\ndata: "offset":1}\r\n\r\n: heartbeat\n\nid: 9\nevent: done\ndata: {}\n\n',
      );
      const next = (at: number): void => {
        if (at < bytes.length)
          response.write(bytes.subarray(at, at + 1), () =>
            setImmediate(next, at + 1),
          );
      };
      next(0);
    },
  ]);
  const [first, last] = await all(it.events('J'));
  expect(first).toMatchObject({ id: '1', data: { text: 'ä😀' } });
  expect(last).toMatchObject({ type: 'done' });
});

it('throws what it is refused with', async () => {
  const { jobs: it, api } = await jobs([refusal(404, 'job_not_found')]);
  await expect(all(it.events('J'))).rejects.toThrow(NotFoundError);
  expect(api.came).toHaveLength(1);
});

it('gives up on a stream that brings nothing any more', async () => {
  const { jobs: it } = await jobs([events([text(1)], 'break'), broken], {
    patienceMs: 50,
  });
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const event of it.events('J')) seen.push(event);
  })();
  await expect(reading).rejects.toThrow(ConnectionError);
  expect(seen).toHaveLength(1);
});

it('bears an API that is away for longer than a call does', async () => {
  const { jobs: it, api } = await jobs(
    [
      broken,
      refusal(503, 'store_unavailable'),
      (response) => response.writeHead(502).end('<html>'),
      events([DONE]),
    ],
    { maxRetries: 0 },
  );
  expect(await all(it.events('J'))).toHaveLength(1);
  expect(api.came).toHaveLength(4);
});

it('takes up a stream on which nothing happens, however often', async () => {
  api = await fakeApi(
    ...Array.from({ length: 4 }, () => events([])),
    events([text(1)]),
  );
  const stream = follow({
    client: new Client({
      ...{ baseUrl: api.baseUrl, maxRetries: 1, patienceMs: 1 },
    }),
    path: '/v1/sandboxes/{id}/events',
    params: { id: 'S' },
  });
  expect(await stream.next()).toMatchObject({ value: { id: '1' } });
  await stream.return();
  expect(api.came).toHaveLength(5);
});

it('ends when the job has and there is nothing more to tell', async () => {
  const { jobs: it, api } = await jobs([
    events([]),
    json(200, { id: 'J', status: 'running' }),
    events([]),
    json(200, { id: 'J', status: 'succeeded' }),
    events([]),
  ]);
  expect(await all(it.events('J', { after: '9' }))).toEqual([]);
  expect(api.came).toHaveLength(5);
});

it('misses nothing that came while it asked whether the job has ended', async () => {
  const { jobs: it } = await jobs([
    events([]),
    json(200, { id: 'J', status: 'succeeded' }),
    events([text(1), DONE]),
  ]);
  expect((await all(it.events('J'))).map(({ id }) => id)).toEqual(['1', '9']);
});

it('does not read for ever what is no event', async () => {
  const { jobs: it, api } = await jobs([
    (response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('id: 1\nevent: stdout\ndata: {"text"\n\n'),
  ]);
  await expect(all(it.events('J'))).rejects.toThrow(FailureError);
  expect(api.came).toHaveLength(1);
});

it('closes the connection of a reader that has enough', async () => {
  let closed: Promise<unknown> | undefined;
  const { jobs: it } = await jobs([
    (response, request) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      events([text(1)], 'stay')(response, request);
    },
  ]);
  const stream = it.events('J');
  await stream.next();
  await stream.return();
  await closed;
});

it('ends with the reason of the signal', async () => {
  const why = new Error('enough');
  const controller = new AbortController();
  const { jobs: it } = await jobs([events([text(1)], 'stay')]);
  const stream = it.events('J', { signal: controller.signal });
  await stream.next();
  controller.abort(why);
  await expect(stream.next()).rejects.toBe(why);
});
