import type { Answer, Came, FakeApi } from '../test/fake-api.ts';
import { events, fakeApi, json, refusal } from '../test/fake-api.ts';
import { Sandbox } from './sandbox.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const MADE = json(202, { id: 'S', job_id: 'J' });
const FAILED = json(200, {
  ...{ id: 'J', status: 'failed' },
  error: { code: 'start_failed', message: 'no', retryable: true },
});
const GOING = json(202, { id: 'S', job_id: 'K' });

const told = ({ method, url }: Came) => `${method} ${url.split('?')[0]}`;

it('leaves nothing of a sandbox that could not be made', async () => {
  api = await fakeApi(MADE, FAILED, GOING);
  const making = Sandbox.create({ baseUrl: api.baseUrl });
  await expect(making).rejects.toMatchObject({ code: 'start_failed' });
  expect(api.came.map(told)).toEqual([
    'POST /v1/sandboxes',
    'GET /v1/jobs/J',
    'POST /v1/sandboxes/S/purge',
  ]);
});

it('keeps the files of an id that the caller chose', async () => {
  api = await fakeApi(MADE, FAILED, GOING);
  const making = Sandbox.create({ baseUrl: api.baseUrl, id: 'S' });
  await expect(making).rejects.toMatchObject({ code: 'start_failed' });
  expect(api.came.map(told).at(-1)).toBe('DELETE /v1/sandboxes/S');
});

it('leaves nothing of what was accepted while it was given up', async () => {
  const controller = new AbortController();
  const why = new Error('enough');
  const accepting: Answer = (response, request) => {
    controller.abort(why);
    // Only then is it answered.
    setImmediate(MADE, response, request);
  };
  api = await fakeApi(accepting, GOING);
  const making = Sandbox.create({
    baseUrl: api.baseUrl,
    signal: controller.signal,
  });
  await expect(making).rejects.toBe(why);
  expect(api.came.map(told)).toEqual([
    'POST /v1/sandboxes',
    'POST /v1/sandboxes/S/purge',
  ]);
});

it('asks for nothing when it was given up before', async () => {
  const why = new Error('enough');
  api = await fakeApi(MADE);
  const making = Sandbox.create({
    baseUrl: api.baseUrl,
    signal: AbortSignal.abort(why),
  });
  await expect(making).rejects.toBe(why);
  expect(api.came).toEqual([]);
});

it('throws why it was refused', async () => {
  api = await fakeApi(refusal(403, 'quota_exceeded'));
  const making = Sandbox.create({
    baseUrl: api.baseUrl,
    signal: new AbortController().signal,
  });
  await expect(making).rejects.toMatchObject({ code: 'quota_exceeded' });
});

it('hears of all sandboxes, and comes back to where its feed stood though it had told nothing', async () => {
  const stopped = {
    ...{ sandbox_id: 'S', from: 'stopping', to: 'stopped' },
    ...{ reason: 'idle', actor: 'reaper:idle' },
  };
  api = await fakeApi(
    events([[7, 'position', {}]], 'break'),
    events([[8, 'state', stopped]], 'stay'),
  );
  const feed = Sandbox.feed({ baseUrl: api.baseUrl });
  expect((await feed.next()).value).toMatchObject({
    type: 'state',
    data: { sandboxId: 'S', to: 'stopped' },
  });
  await feed.return();
  expect(api.came.map(({ headers }) => headers['last-event-id'])).toEqual([
    undefined,
    '7',
  ]);
});
