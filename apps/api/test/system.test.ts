import { cleanUp, listen, world } from './support.ts';

afterEach(cleanUp);

const ENGINE = {
  engine: '29.9.0',
  runc: '1.1.5+ds1',
  containerd: null,
  kernel: '6.12.0',
  seccomp: false,
  bridgeNetfilter: null,
  runtimes: ['runc', 'runsc'],
  clockAheadMs: 0,
};

it('tells the versions that its workers see, and warns of what is unsafe, the worst first', async () => {
  const deps = await world();
  deps.store.workers.heartbeat({
    id: 'w',
    at: Date.now(),
    dockerOk: true,
    dockerVersion: '29.9.0',
    engine: ENGINE,
    message: '',
  });
  const { status, body } = await (await listen(deps))('GET /v1/system');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    docker: '29.9.0',
    runc: '1.1.5+ds1',
    kernel: '6.12.0',
    runtimes: ['runc', 'runsc'],
  });
  const warnings = body['warnings'] as { code: string; advice: string }[];
  expect(warnings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['runc_known_escape', 'seccomp_missing']),
  );
  expect(warnings.every(({ advice }) => advice !== '')).toBe(true);
  const severities = (body['warnings'] as { severity: string }[]).map(
    ({ severity }) => severity,
  );
  expect(severities).toEqual([...severities].sort());
});

it('warns that jobs are not done while there is no worker', async () => {
  const deps = await world();
  const { body } = await (await listen(deps))('GET /v1/system');
  expect(body['warnings']).toContainEqual(
    expect.objectContaining({
      code: 'not_ready',
      message: 'Jobs are not done: no live worker.',
    }),
  );
});
