import type { FakeApi } from '../test/fake-api.ts';
import { fakeApi, json } from '../test/fake-api.ts';
import { ConflictError } from './errors.ts';
import { Client } from './http/client.ts';
import { Preview } from './preview.ts';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const previewAt = ({ baseUrl }: FakeApi): Preview =>
  new Preview(new Client({ baseUrl }), 'S', 3000, 'http://s.test');

it('does not wait for what sleeps', async () => {
  api = await fakeApi(json(200, { id: 'S', status: 'stopped' }));
  const ready = previewAt(api).ready({ timeoutMs: 2_000 });
  await expect(ready).rejects.toThrow(ConflictError);
  await expect(ready).rejects.toMatchObject({ code: 'sandbox_not_running' });
  expect(api.came).toHaveLength(1);
});

it('waits for one that starts', async () => {
  api = await fakeApi(
    json(200, { id: 'S', status: 'starting' }),
    json(200, { id: 'S', status: 'running', previews: {} }),
    json(200, {
      ...{ id: 'S', status: 'running' },
      previews: { 3000: { listening: true } },
    }),
  );
  const preview = previewAt(api);
  expect(await preview.ready()).toBe(preview);
});
