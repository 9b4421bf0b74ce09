import { cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const WORKER = {
  id: 'w',
  dockerOk: true,
  dockerVersion: '29',
  engine: null,
  message: '',
};

it('is ready with a worker that reaches Docker, and with Redis', async () => {
  const deps = await world();
  deps.store.workers.heartbeat({ ...WORKER, at: Date.now() });
  const { status, text } = await (await listen(deps))('GET /readyz');
  expect([status, text]).toEqual([200, 'ready\n']);
});

it('names all that is missing', async () => {
  const deps = await world();
  const api = await listen(deps);
  deps.loseRedis();
  const none = await api('GET /readyz');
  expect(none.status).toBe(503);
  expect(none.body['detail']).toBe(
    'Not ready: no live worker; redis: no Redis.',
  );
  deps.store.workers.heartbeat({
    ...WORKER,
    at: Date.now(),
    dockerOk: false,
    message: 'no socket',
  });
  expect((await api('GET /readyz')).body['detail']).toContain(
    'docker: no socket',
  );
});

it('counts a worker that fell silent as gone', async () => {
  const deps = await world();
  deps.store.workers.heartbeat({ ...WORKER, at: Date.now() - 60_000 });
  const { body } = await (await listen(deps))('GET /readyz');
  expect(body['detail']).toContain('no live worker');
});
