import {
  cleanUp,
  finish,
  listen,
  noSandbox,
  running,
  world,
} from './support.ts';

afterEach(cleanUp);

const TASK = { prompt: 'Say hello.', agent: 'codex' };

it.each([
  [{}, ['/prompt', '/agent']],
  [{ ...TASK, prompt: ' \n' }, ['/prompt']],
  [{ ...TASK, agent: 'nobody' }, ['/agent']],
  [{ ...TASK, model: '-x' }, ['/model']],
  [{ ...TASK, timeout_seconds: 0 }, ['/timeout_seconds']],
  [{ ...TASK, max_steps: 10_001 }, ['/max_steps']],
  [{ ...TASK, wish: 1 }, ['/wish']],
])('refuses the task %j at its fields', async (task, paths) => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const { status, body } = await api(`POST /sandbox/${id}/tasks`, task);
  expect(status).toBe(400);
  expect(body['errors']).toMatchObject(paths.map((path) => ({ path })));
  expect(deps.store.jobs.mailbox(id)).toEqual([]);
});

it('queues a task behind another, or refuses it if asked to', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const path = `POST /sandbox/${id}/tasks`;
  const first = await api(`${path}?if_busy=reject`, TASK);
  expect(first.status).toBe(202);
  const refused = await api(`${path}?if_busy=reject`, TASK);
  expect([refused.status, refused.body['code']]).toEqual([
    409,
    'task_in_progress',
  ]);
  expect(refused.body['detail']).toContain(first.body['id']);
  expect((await api(path, TASK)).status).toBe(202);
  expect((await api(`${path}?if_busy=maybe`, TASK)).status).toBe(400);
  expect(deps.store.jobs.mailbox(id)).toHaveLength(2);
});

it('never shows the environment of a task', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const task = { ...TASK, env: { API_KEY: 'env-secret' } };
  const made = await api(`POST /sandbox/${id}/tasks`, task);
  const read = await api(`GET /sandbox/${id}/tasks/${String(made.body['id'])}`);
  expect(read.body).toMatchObject({ id: made.body['id'], status: 'queued' });
  expect(made.text + read.text).not.toContain('env-secret');
});

it("answers 404 for another sandbox's task, a job that is none, and no sandbox", async () => {
  const deps = await world();
  const api = await listen(deps);
  const [one, other] = [await running(deps, api), await running(deps, api)];
  const task = String(
    (await api(`POST /sandbox/${one}/tasks`, TASK)).body['id'],
  );
  const exec = await api(`POST /sandbox/${one}/exec`, { shell: 'true' });
  const foreign = [
    `${other}/tasks/${task}`,
    `${one}/tasks/${String(exec.body['job_id'])}`,
  ];
  for (const path of foreign)
    for (const call of [
      `GET /sandbox/${path}`,
      `GET /sandbox/${path}/events`,
      `POST /sandbox/${path}/cancel`,
      `POST /sandbox/${path}/revert`,
    ]) {
      const { status, body } = await api(call);
      expect([status, body['code']]).toEqual([404, 'task_not_found']);
    }
  expect(
    (await api(`POST /sandbox/${noSandbox()}/tasks`, TASK)).body['code'],
  ).toBe('sandbox_not_found');
});

it('cancels a task once', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const task = String(
    (await api(`POST /sandbox/${id}/tasks`, TASK)).body['id'],
  );
  const cancel = () => api(`POST /sandbox/${id}/tasks/${task}/cancel`);
  const first = await cancel();
  expect([first.status, first.body['status']]).toEqual([202, 'cancelled']);
  const again = await cancel();
  expect([again.status, again.body['code']]).toEqual([409, 'job_finished']);
});

it('reverts a task that is over alone', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const task = String(
    (await api(`POST /sandbox/${id}/tasks`, TASK)).body['id'],
  );
  const revert = () => api(`POST /sandbox/${id}/tasks/${task}/revert`);
  const early = await revert();
  expect([early.status, early.body['code']]).toEqual([409, 'task_in_progress']);
  finish(deps.store, id);
  expect((await revert()).status).toBe(202);
  expect(deps.store.jobs.mailbox(id)).toMatchObject([{ kind: 'revert' }]);
});
