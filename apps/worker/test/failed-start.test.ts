import { JOBS } from '@sandboxed/domain';
import { cleanUp, newSandbox, standIn, submit, world } from './support.ts';

afterEach(cleanUp);

it('leaves no container running when it fails for good', async () => {
  const place = world();
  const id = newSandbox(place);
  await standIn(place, id, (request, response) => {
    if (request.url?.startsWith('/v1/health') === true)
      response.end(
        JSON.stringify({
          protocol: 1,
          version: '1',
          pid: 1,
          started_at_ms: 1,
          booted: false,
        }),
      );
    else {
      response.statusCode = 413;
      response.end(JSON.stringify({ code: 'too_large', message: 'no' }));
    }
  });
  const create = submit(place, id, 'create', {});
  await place.runner().run(create);
  expect(place.store.jobs.get(create)).toMatchObject({
    status: 'failed',
    error: { code: 'invalid_request' },
  });
  expect(place.store.sandboxes.get(id)?.state).toBe('error');
  expect(place.deps.docker.calls.some((call) => /^start/.test(call))).toBe(
    true,
  );
  expect(place.deps.docker.running.size).toBe(0);
});

it('keeps the container between two tries: its agent may only be slow', async () => {
  const place = world();
  const id = newSandbox(place);
  let refused = 0;
  await standIn(place, id, (request, response) => {
    if (request.method === 'POST' && refused < JOBS.create.attempts - 1) {
      refused += 1;
      request.socket.destroy();
      return;
    }
    const answer =
      request.url?.startsWith('/v1/health') === true
        ? { protocol: 1, version: '1', pid: 1, started_at_ms: 1, booted: true }
        : request.url === '/v1/app'
          ? { present: [], texts: {} }
          : {};
    response.end(JSON.stringify(answer));
  });
  const create = submit(place, id, 'create', {});
  await place.runner().run(create);
  expect(place.store.jobs.get(create)).toMatchObject({
    status: 'succeeded',
    attempts: JOBS.create.attempts,
  });
  expect(place.deps.docker.calls.some((call) => /^stop/.test(call))).toBe(
    false,
  );
});
