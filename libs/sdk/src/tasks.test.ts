import type { Answer, FakeApi } from '../test/fake-api.ts';
import { fakeApi, json } from '../test/fake-api.ts';
import { Client } from './http/client.ts';
import { Tasks } from './tasks.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function tasks(
  ...answers: readonly Answer[]
): Promise<{ readonly tasks: Tasks; readonly api: FakeApi }> {
  api = await fakeApi(...answers);
  const client = new Client({ baseUrl: api.baseUrl });
  return { api, tasks: new Tasks(client, 'S') };
}

const TASK = { agent: 'codex', prompt: 'x' } as const;

it('ends a task that was given up before its answer came', async () => {
  const controller = new AbortController();
  const why = new Error('enough');
  const { tasks: it, api } = await tasks(
    (response, request) => {
      controller.abort(why);
      setImmediate(json(202, { id: 'T' }), response, request);
    },
    json(202, { id: 'T' }),
  );
  const running = it.run({ ...TASK, signal: controller.signal });
  await expect(running).rejects.toBe(why);
  expect(api.came.map(({ url }) => url)).toEqual([
    '/v1/sandboxes/S/tasks',
    '/v1/sandboxes/S/tasks/T/cancel',
  ]);
});

it('says whether it is to wait for another', async () => {
  const { tasks: it, api } = await tasks(json(202, { id: 'T' }));
  expect(await it.run({ ...TASK, ifBusy: 'reject' })).toMatchObject({
    id: 'T',
  });
  expect(api.came[0]?.url).toBe('/v1/sandboxes/S/tasks?if_busy=reject');
  expect(api.came[0]?.body).not.toContain('busy');
});

it('lists all pages', async () => {
  const { tasks: it, api } = await tasks(
    json(200, { items: [{ id: 'B' }], next_cursor: 'c' }),
    json(200, { items: [{ id: 'A' }], next_cursor: null }),
  );
  const found: string[] = [];
  for await (const { id } of it.list({ status: 'failed' })) found.push(id);
  expect(found).toEqual(['B', 'A']);
  expect(api.came[1]?.url).toBe(
    '/v1/sandboxes/S/tasks?limit=200&status=failed&cursor=c',
  );
});
