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
  const client = new Client({ baseUrl: api.baseUrl, silenceMs: 100 });
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
  'says so when a log that is followed does %s',
  async (then) => {
    const following = (await services(log(then))).follow('web');
    expect(await following.next()).toMatchObject({ value: 'one' });
    await expect(following.next()).rejects.toThrow(ConnectionError);
  },
);

it('follows a log to its end', async () => {
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
