import { cleanUp, finish, listen, running, world } from './support.ts';

afterEach(cleanUp);

it.each(['301', '-1', 'soon'])(
  'refuses ?wait=%s before anything is done',
  async (seconds) => {
    const deps = await world();
    const api = await listen(deps);
    const { status, body } = await api(`POST /sandbox?wait=${seconds}`);
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ path: '/wait' }]);
    expect(deps.store.sandboxes.list({ limit: 10 }).items).toEqual([]);
  },
);

it('answers 202 when the job has not ended in the asked time', async () => {
  const api = await listen(await world());
  const { status, body, headers } = await api(
    'POST /sandbox',
    {},
    { prefer: 'wait=0' },
  );
  expect(status).toBe(202);
  expect(headers.get('preference-applied')).toBeNull();
  expect(headers.get('location')).toBe(`/v1/jobs/${String(body['job_id'])}`);
});

it('holds a call with Prefer: wait until the job ends', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const held = api(
    `POST /sandbox/${id}/exec`,
    { shell: 'true' },
    { prefer: 'respond-async, wait=20' },
  );
  await deps.hub.changed(id);
  finish(deps.store, id, { status: 'succeeded', result: { exit_code: 3 } });
  const { status, body, headers } = await held;
  expect(status).toBe(200);
  expect(body).toMatchObject({
    exit_code: 3,
    kind: 'exec',
    status: 'succeeded',
  });
  expect(headers.get('preference-applied')).toBe('wait');
});

it('answers a held call with the failure of its job', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const held = api(`POST /sandbox/${id}/exec?wait=20`, { shell: 'true' });
  await deps.hub.changed(id);
  const error = {
    code: 'agent_unreachable',
    message: 'It is gone.',
    retryable: true,
  } as const;
  finish(deps.store, id, { status: 'failed', error });
  const { status, body } = await held;
  expect(status).toBe(502);
  expect(body).toMatchObject({ code: error.code, detail: error.message });
});

it.each([
  'wait=soon',
  'wait=-20',
  'wait=20e3',
  'wait=100000',
  'wait',
  'wait=',
  'await=20',
  'return=minimal; wait = 20',
  ','.repeat(9_000),
])(
  'ignores the preference %s, which makes no sense',
  async (prefer) => {
    const api = await listen(await world());
    const { status, headers } = await api('POST /sandbox', {}, { prefer });
    expect(status).toBe(202);
    expect(headers.get('preference-applied')).toBeNull();
  },
  // A call that is held takes longer.
  5_000,
);
