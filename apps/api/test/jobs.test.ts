import { jobIdSchema, MAX_UNFINISHED_JOBS } from '@sandboxed/domain';
import { z } from 'zod';
import type { Answer } from './support.ts';
import { cleanUp, finish, listen, running, world } from './support.ts';

afterEach(cleanUp);

const EXEC = { shell: 'true' };

const ids = ({ body }: Answer, field = 'id'): readonly unknown[] =>
  (Array.isArray(body['items']) ? body['items'] : []).map(
    (item: Record<string, unknown>) => item[field],
  );

it('lists jobs newest first, page by page', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const made: unknown[] = [];
  for (let n = 0; n < 5; n += 1)
    made.unshift((await api(`POST /sandbox/${id}/exec`, EXEC)).body['job_id']);
  const path = `GET /v1/jobs?sandbox_id=${id}&kind=exec&limit=2`;
  const seen: unknown[] = [];
  let cursor: string | null | undefined;
  let pages = 0;
  do {
    const page = await api(
      cursor === undefined ? path : `${path}&cursor=${cursor}`,
    );
    seen.push(...ids(page));
    cursor = z.string().nullable().parse(page.body['next_cursor']);
    pages += 1;
  } while (cursor !== null && pages < 10);
  expect(pages).toBe(3);
  expect(seen).toEqual(made);
});

it('filters jobs by sandbox, kind and status', async () => {
  const deps = await world();
  const api = await listen(deps);
  const [one, other] = [await running(deps, api), await running(deps, api)];
  const first = (await api(`POST /sandbox/${one}/exec`, EXEC)).body['job_id'];
  const second = (await api(`POST /sandbox/${one}/exec`, EXEC)).body['job_id'];
  await api(`POST /sandbox/${other}/exec`, EXEC);
  finish(deps.store, one);
  const list = (query: string) =>
    api(`GET /v1/jobs?sandbox_id=${one}&${query}`);
  expect(ids(await list('status=queued'))).toEqual([second]);
  expect(ids(await list('kind=exec&status=succeeded'))).toEqual([first]);
  expect(ids(await list('kind=create'), 'kind')).toEqual(['create']);
  expect(ids(await list(''))).toHaveLength(3);
});

it.each([
  'status=done',
  'kind=any',
  'limit=0',
  'limit=201',
  'cursor=x',
  'sandbox_id=x',
])('refuses a list of jobs with %s', async (query) => {
  const api = await listen(await world());
  const { status, body } = await api(`GET /v1/jobs?${query}`);
  expect([status, body['code']]).toEqual([400, 'invalid_request']);
});

it('takes no more jobs of a sandbox than its mailbox holds, but always its removal', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  deps.store.transaction(() => {
    for (let n = 0; n < MAX_UNFINISHED_JOBS; n += 1)
      deps.store.jobs.submit({
        id: jobIdSchema.parse(deps.newId()),
        sandboxId: id,
        kind: 'stop',
        payload: { force: false },
        requestedBy: 'test',
        now: Date.now(),
      });
  });
  for (const call of ['exec', 'start', 'tasks']) {
    const body =
      call === 'tasks'
        ? { prompt: 'go', agent: 'codex' }
        : call === 'exec'
          ? EXEC
          : {};
    const answer = await api(`POST /sandbox/${id}/${call}`, body);
    expect([
      answer.status,
      answer.body['code'],
      answer.body['retryable'],
    ]).toEqual([409, 'busy', true]);
    expect(answer.headers.get('retry-after')).toBe('5');
  }
  expect(deps.store.jobs.mailbox(id)).toHaveLength(MAX_UNFINISHED_JOBS);
  expect(
    (await api(`POST /sandbox/${await running(deps, api)}/exec`, EXEC)).status,
  ).toBe(202);
  expect((await api(`DELETE /sandbox/${id}`)).status).toBe(202);
});

it('cancels a job that waits at once, and tells the worker of one that runs', async () => {
  const deps = await world();
  const api = await listen(deps);
  const id = await running(deps, api);
  const first = (await api(`POST /sandbox/${id}/exec`, EXEC)).body['job_id'];
  const second = (await api(`POST /sandbox/${id}/exec`, EXEC)).body['job_id'];
  deps.store.jobs.claim(jobIdSchema.parse(first), 'worker', Date.now());
  const cancel = (job: unknown) => api(`POST /v1/jobs/${String(job)}/cancel`);
  expect((await cancel(first)).body['status']).toBe('running');
  expect((await cancel(second)).body['status']).toBe('cancelled');
  expect(deps.cancels).toEqual([first]);
  const { status, body } = await cancel(second);
  expect([status, body['code']]).toEqual([409, 'job_finished']);
});
