import { afterwards, cleanUp, finish, running } from './support.ts';
import { twoTenants } from './two-tenants.ts';

afterEach(cleanUp);

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A tenant's feed, read frame by frame; comments are left out. */
async function* feed(
  url: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<Told, void, undefined> {
  const stop = new AbortController();
  afterwards(() => {
    stop.abort();
  });
  const answer = await fetch(`${url}/v1/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: stop.signal,
  });
  expect(answer.status).toBe(200);
  let text = '';
  for await (const chunk of (answer.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const type = /^event: (.*)$/m.exec(frame)?.[1];
      const data: unknown = JSON.parse(
        /^data: (.*)$/m.exec(frame)?.[1] ?? '{}',
      );
      if (type === undefined || typeof data !== 'object' || data === null)
        continue;
      const id = /^id: (.*)$/m.exec(frame)?.[1] ?? '';
      yield { id, type, data: { ...data } };
    }
  }
}

const ANN = 'annannannannannann';
const BEN = 'benbenbenbenbenben';
const ADMIN = 'adminadminadminadm';

/** The next event of a feed. */
async function next(stream: AsyncGenerator<Told, void>): Promise<Told> {
  const { value } = await stream.next();
  if (value === undefined) throw new Error('the feed ended');
  return value;
}

it('tells each tenant of its own sandboxes from now on, and an admin of all', async () => {
  const { deps, url, ann, ben } = await twoTenants();
  await running(deps, ann);
  const [ofAnn, ofAdmin] = [feed(url, ANN), feed(url, ADMIN)];
  for (const stream of [ofAnn, ofAdmin])
    expect(await next(stream)).toMatchObject({ type: 'position' });
  const bens = await running(deps, ben);
  const anns = await running(deps, ann);
  expect(await next(ofAnn)).toMatchObject({
    type: 'state',
    data: { sandbox_id: anns, from: null, to: 'creating' },
  });
  expect(await next(ofAdmin)).toMatchObject({ data: { sandbox_id: bens } });
});

it('goes on after the last event that was seen, through what was of others and output', async () => {
  const { deps, url, ann, ben } = await twoTenants();
  const stream = feed(url, ANN);
  const { id: begun } = await next(stream);
  const id = await running(deps, ann);
  const seen = [await next(stream), await next(stream)];
  for (let n = 0; n < 1_200; n += 1)
    deps.store.events.append({
      ...{ sandboxId: id, jobId: null, type: 'stdout' as const },
      ...{ data: { text: 'x', offset: n }, now: n },
    });
  await running(deps, ben);
  await ann(`POST /sandbox/${id}/stop`, {});
  finish(deps.store, id);
  const again = feed(url, ANN, { 'last-event-id': begun });
  const told: Told[] = [];
  for await (const event of again) {
    told.push(event);
    if (event.data['kind'] === 'stop' && event.data['status'] === 'queued')
      break;
  }
  const events = told.filter(({ type }) => type !== 'position');
  expect(events.slice(0, 2)).toEqual(seen);
  expect(new Set(events.map(({ data }) => data['sandbox_id']))).toEqual(
    new Set([id]),
  );
  expect(events.map(({ type }) => type)).not.toContain('stdout');
});

it('tells of a removal to its end', async () => {
  const { deps, url, ann } = await twoTenants();
  const id = await running(deps, ann);
  const stream = feed(url, ANN);
  await next(stream);
  await ann(`POST /sandbox/${id}/purge`, {});
  finish(deps.store, id);
  for await (const { data } of stream)
    if (data['status'] === 'succeeded') break;
});

it('says that it cannot tell all to who was away for too long, or knows a later database', async () => {
  const { deps, url, ann } = await twoTenants();
  const id = await running(deps, ann);
  const newest = deps.store.feed.newest();
  deps.store.transaction(() => {
    for (let n = 0; n < 50_000; n += 1)
      deps.store.events.append({
        ...{ sandboxId: id, jobId: null, type: 'stdout' as const },
        ...{ data: { text: 'x', offset: n }, now: n },
      });
  });
  for (const after of [newest - 1, newest + 1_000_000]) {
    const stream = feed(url, ANN, { 'last-event-id': String(after) });
    expect(await next(stream)).toMatchObject({ type: 'trimmed' });
    expect(await next(stream)).toMatchObject({
      type: 'position',
      id: String(newest + 50_000),
    });
  }
  const stream = feed(url, ANN, { 'last-event-id': String(newest) });
  expect(await next(stream)).toMatchObject({ type: 'position' });
});

it("counts among the tenant's streams, and is refused with a wrong place to go on", async () => {
  const { url, ann, ben } = await twoTenants({ SANDBOXED_QUOTA_STREAMS: '1' });
  const stream = feed(url, BEN);
  await next(stream);
  expect((await ben('GET /v1/events')).status).toBe(429);
  expect((await ann('GET /v1/events?after=x')).status).toBe(400);
});
