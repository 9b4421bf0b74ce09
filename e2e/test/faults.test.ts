import {
  call,
  docker,
  exec,
  killWorkers,
  jobSchema,
  ok,
  sandboxes,
  sandboxSchema,
  service,
  until,
  untilFinished,
  untilStatus,
} from '../src/stack.ts';

const fleet = sandboxes();
afterEach(() => fleet.clean(), 120_000);

async function submitted(
  method: string,
  path: string,
  body?: unknown,
): Promise<string> {
  const { job_id } = sandboxSchema
    .partial({
      id: true,
      status: true,
      status_reason: true,
      preview_urls: true,
    })
    .parse(await ok(method, path, body));
  if (job_id === undefined) throw new Error(`${path} named no job`);
  return job_id;
}

describe('SIGKILL of every worker', () => {
  it.each([
    ['start', 'POST', '/v1/sandboxes/ID/start', 'running'],
    ['stop', 'POST', '/v1/sandboxes/ID/stop', 'stopped'],
  ])(
    'in a %s is made up for',
    async (kind, method, path, status) => {
      const { id } = await fleet.create();
      if (kind === 'start')
        await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`);
      const job = await submitted(method, path.replace('ID', id), {});
      await killWorkers();
      expect((await untilFinished(job, 40_000)).status).toBe('succeeded');
      await untilStatus(id, status, 5_000);
    },
    120_000,
  );

  it('in a create is made up for', async () => {
    const created = sandboxSchema.parse(await ok('POST', '/sandbox', {}));
    fleet.track(created.id);
    await killWorkers();
    expect((await untilFinished(created.job_id ?? '', 40_000)).status).toBe(
      'succeeded',
    );
    expect((await exec(created.id, 'echo up')).stdout).toBe('up\n');
  }, 120_000);

  it.each(['DELETE /sandbox/ID', 'POST /sandbox/ID/purge'])(
    'in %s is made up for, and leaves no container',
    async (call_) => {
      const { id } = await fleet.create();
      const [method = '', path = ''] = call_.replace('ID', id).split(' ');
      const job = await submitted(method, path);
      await killWorkers();
      expect((await untilFinished(job, 40_000)).status).toBe('succeeded');
      expect(
        await docker('ps', '-aq', '--filter', `label=sandboxed.id=${id}`),
      ).toBe('');
    },
    120_000,
  );

  it('in an exec neither loses it nor runs it twice', async () => {
    const { id } = await fleet.create();
    const job = await submitted('POST', `/sandbox/${id}/exec`, {
      shell: 'echo once >> ran; echo begin; sleep 4; echo end',
    });
    await until('the command to run', 10_000, async () =>
      (await exec(id, 'cat ran 2>/dev/null')).stdout === 'once\n'
        ? true
        : undefined,
    );
    await killWorkers();
    const done = await untilFinished(job, 40_000);
    expect(done.status).toBe('succeeded');
    expect(done.result).toMatchObject({ exit_code: 0, stdout: 'begin\nend\n' });
    expect((await exec(id, 'cat ran')).stdout).toBe('once\n');
  }, 120_000);
});

it('finishes every queued job although Redis is emptied', async () => {
  const { id } = await fleet.create();
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      submitted('POST', `/sandbox/${id}/exec`, { shell: `sleep 1; echo ${n}` }),
    ),
  );
  const stop = await submitted('POST', `/v1/sandboxes/${id}/stop`, {
    force: false,
  }).catch(() => undefined);
  const [redis = ''] = await service('redis');
  await docker('exec', redis, 'redis-cli', 'flushall');
  for (const job of jobs)
    expect((await untilFinished(job, 60_000)).status).toBe('succeeded');
  if (stop !== undefined) await untilFinished(stop, 60_000);
}, 180_000);

it('goes on with a job whose client went away', async () => {
  const { id } = await fleet.create();
  const gone = new AbortController();
  const pending = fetch(`http://127.0.0.1:9090/sandbox/${id}/exec?wait=60`, {
    method: 'POST',
    body: JSON.stringify({ shell: 'sleep 2; echo done > mark' }),
    signal: gone.signal,
  }).catch(() => 'aborted');
  await until('the job to run', 10_000, async () => {
    const list = await call('GET', `/v1/jobs?sandbox_id=${id}&kind=exec`);
    const text = JSON.stringify(list.body);
    return text.includes('"running"') ? true : undefined;
  });
  gone.abort();
  expect(await pending).toBe('aborted');
  await until('the mark', 20_000, async () =>
    (await exec(id, 'cat mark 2>/dev/null')).stdout === 'done\n'
      ? true
      : undefined,
  );
}, 120_000);

it('cancels a running exec within seconds', async () => {
  const { id } = await fleet.create();
  const job = await submitted('POST', `/sandbox/${id}/exec`, {
    shell: 'sleep 300',
  });
  await until('the job to run', 10_000, async () => {
    const { status } = jobSchema.parse(await ok('GET', `/v1/jobs/${job}`));
    return status === 'running' ? true : undefined;
  });
  expect((await call('POST', `/v1/jobs/${job}/cancel`)).status).toBe(202);
  expect((await untilFinished(job, 10_000)).status).toBe('cancelled');
  expect(
    (await exec(id, 'pgrep -f "sleep 300" | wc -l')).stdout.trim(),
  ).not.toBe('2');
}, 120_000);

it('notices a container that was killed or removed behind its back', async () => {
  const { id } = await fleet.create();
  const name = `s-${id.toLowerCase()}`;
  await docker('kill', name);
  const stopped = await untilStatus(id, 'stopped', 20_000);
  expect(stopped.status_reason).toContain('137');
  await docker('rm', '-f', name);
  expect((await exec(id, 'echo again')).stdout).toBe('again\n');
}, 120_000);
