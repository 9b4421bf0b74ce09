import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId, SandboxId } from '@sandboxed/domain';
import { jobIdSchema } from '@sandboxed/domain';
import type { JobDeps } from '@sandboxed/jobs';
import {
  createJobFigures,
  createJobRunner,
  execHandler,
} from '@sandboxed/jobs';
import type { TestAgent } from '../../../libs/agent/test/start-agent.ts';
import {
  disposeAgents,
  startTestAgent,
} from '../../../libs/agent/test/start-agent.ts';
import type { DirectRuns } from '../src/direct/direct-runs.ts';
import { createDirectRuns } from '../src/direct/direct-runs.ts';
import { createStillRuns } from '../src/direct/still-runs.ts';
import type { ApiDeps } from '../src/http/route.ts';
import type { Api } from './support.ts';
import { cleanUp, listen, running, world } from './support.ts';

afterEach(async () => {
  await cleanUp();
  await disposeAgents();
});

/** Runs until the test writes `go` into the app directory. */
const UNTIL_GO = 'echo begun; until [ -e go ]; do sleep 0.02; done';

interface Place {
  readonly deps: ApiDeps;
  readonly jobs: JobDeps;
  readonly direct: DirectRuns;
  readonly api: Api & { readonly url: string };
  readonly agent: TestAgent;
  /** A sandbox that runs and has nothing to do. */
  sandbox(): Promise<SandboxId>;
  go(): Promise<void>;
  /** The newest job of a sandbox. */
  newest(id: SandboxId): JobId;
}

/** An API that runs commands itself, over the socket of a real agent. */
async function place(most = 64, mostOfTenant = most): Promise<Place> {
  const deps = await world();
  const agent = await startTestAgent();
  const { store, now, logger, reach } = deps;
  const jobs: JobDeps = {
    ...{ store, now, logger, reach },
    agents: { client: () => agent.client },
    isRunning: createStillRuns({
      store,
      agents: { client: () => agent.client },
    }),
    figures: createJobFigures(),
  };
  const direct = createDirectRuns(jobs, {
    workerId: 'here',
    most,
    mostOfTenant,
  });
  const api = await listen({ ...deps, direct });
  return {
    ...{ deps, jobs, direct, api, agent },
    sandbox: () => running(deps, api),
    go: () => writeFile(join(agent.app, 'go'), ''),
    newest(id) {
      const [job] = store.jobs.list({ sandboxId: id, limit: 1 }).items;
      if (job === undefined) throw new Error('no job');
      return job.id;
    },
  };
}

const exec = (
  { api }: Place,
  id: SandboxId,
  shell: string,
  query = '?wait=20',
  more = {},
) => api(`POST /sandbox/${id}/exec${query}`, { shell, ...more });

/** Begins a command that goes on until `go`, and resolves when its output is on record. */
async function begun(here: Place, id: SandboxId, query = '?wait=20') {
  const held = exec(here, id, UNTIL_GO, query);
  return { held, job: await speaking(here, id) };
}

async function speaking(here: Place, id: SandboxId): Promise<JobId> {
  const { store, hub } = here.deps;
  const speaks = (): boolean =>
    store.events
      .after({ jobId: here.newest(id) }, 0, 10)
      .some(({ type }) => type === 'stdout');
  while (!speaks()) await hub.changed(id);
  return here.newest(id);
}

it('runs a command that its caller waits for without a worker, and tells of it as of any other', async () => {
  const here = await place();
  const id = await here.sandbox();
  const { status, body } = await exec(here, id, 'echo told');
  expect(status).toBe(200);
  expect(body).toMatchObject({ exit_code: 0, stdout: 'told\n' });
  const job = jobIdSchema.parse(body['job_id']);
  const { store } = here.deps;
  expect(store.jobs.get(job)).toMatchObject({
    ...{ worker_id: 'here', attempts: 1, fence: 1, lease_until: null },
  });
  expect(
    store.events.after({ jobId: job }, 0, 10).map(({ type, data }) => ({
      type,
      ...(type === 'status' && { status: data['status'] }),
    })),
  ).toEqual([
    { type: 'status', status: 'queued' },
    { type: 'status', status: 'running' },
    { type: 'stdout' },
    { type: 'done' },
  ]);
});

it('leaves to the queue what nobody waits for, what goes to the background and what comes while another command runs', async () => {
  const here = await place();
  const id = await here.sandbox();
  await exec(here, id, 'true', '');
  expect(here.deps.store.jobs.get(here.newest(id))?.status).toBe('queued');

  const other = await here.sandbox();
  await exec(here, other, 'true', '?wait=0.05', { background: true });
  expect(here.deps.store.jobs.get(here.newest(other))?.status).toBe('queued');

  const busy = await here.sandbox();
  const { held, job } = await begun(here, busy);
  await exec(here, busy, 'true', '?wait=0.05');
  expect(here.deps.store.jobs.get(job)?.status).toBe('running');
  expect(here.deps.store.jobs.get(here.newest(busy))?.status).toBe('queued');
  await here.go();
  expect((await held).status).toBe(200);
});

it('leaves to the queue what a sandbox that does not run is to do after its start', async () => {
  const here = await place();
  const id = await here.sandbox();
  here.deps.store.sandboxes.transition(id, 'exited', {
    ...{ actor: 'test', reason: 'test', now: Date.now() },
  });
  const { status } = await exec(here, id, 'true', '?wait=0.05');
  expect(status).toBe(202);
  expect(here.deps.store.jobs.get(here.newest(id))?.status).toBe('queued');
});

it('runs no more than its bound at once, and more again when one has ended', async () => {
  const here = await place(1);
  const { held } = await begun(here, await here.sandbox());
  const second = await here.sandbox();
  expect((await exec(here, second, 'true', '?wait=0.05')).status).toBe(202);
  await here.go();
  await held;
  expect((await exec(here, await here.sandbox(), 'true')).status).toBe(200);
});

it('runs no more than its part for one tenant, and others beside it', async () => {
  const here = await place(64, 2);
  const { store } = here.deps;
  const held = [
    await begun(here, await here.sandbox()),
    await begun(here, await here.sandbox()),
  ];
  const third = await here.sandbox();
  expect((await exec(here, third, 'true', '?wait=0.05')).status).toBe(202);
  const submitted = (tenant: string) =>
    here.direct.taking(async (take) => {
      const id = await here.sandbox();
      const job = jobIdSchema.parse(here.deps.newId());
      return store.grouped(() => {
        store.jobs.submit({
          ...{ id: job, sandboxId: id, kind: 'exec', requestedBy: 'test' },
          payload: { shell: 'true', timeout_seconds: 1, background: false },
          now: Date.now(),
        });
        take(job, tenant);
        return store.jobs.status(job);
      });
    });
  expect(await submitted('open')).toBe('queued');
  expect(await submitted('ben')).toBe('running');
  await here.go();
  for (const { held: answer } of held) await answer;
  expect(await submitted('open')).toBe('running');
});

it('gives a place back whose job was not submitted after all', async () => {
  const here = await place(1);
  const id = await here.sandbox();
  const job = jobIdSchema.parse(here.deps.newId());
  const { store } = here.deps;
  const refused = here.direct.taking((take) =>
    store.grouped(() => {
      store.jobs.submit({
        ...{ id: job, sandboxId: id, kind: 'exec', requestedBy: 'test' },
        payload: { shell: 'true', timeout_seconds: 1, background: false },
        now: Date.now(),
      });
      take(job, 'open');
      throw new Error('refused');
    }),
  );
  await expect(refused).rejects.toThrow('refused');
  expect(store.jobs.get(job)).toBeUndefined();
  expect((await exec(here, id, 'true')).status).toBe(200);
});

it('answers 202 when the wait is over before the command, which goes on', async () => {
  const here = await place();
  const id = await here.sandbox();
  const { held, job } = await begun(here, id, '?wait=0.1');
  const { status, headers } = await held;
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/v1/jobs/${job}`);
  await here.go();
  const ended = await here.deps.hub.waitFor(job, 20);
  expect(ended.status).toBe('succeeded');
});

it('goes on with a command whose caller went away', async () => {
  const here = await place();
  const id = await here.sandbox();
  const leaving = new AbortController();
  const left = fetch(`${here.api.url}/sandbox/${id}/exec?wait=20`, {
    ...{ method: 'POST', body: JSON.stringify({ shell: UNTIL_GO }) },
    signal: leaving.signal,
  });
  const job = await speaking(here, id);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await here.go();
  const ended = await here.deps.hub.waitFor(job, 20);
  expect(ended.status).toBe('succeeded');
});

it('ends a command that is cancelled', async () => {
  const here = await place();
  const { held, job } = await begun(here, await here.sandbox());
  expect((await here.api(`POST /v1/jobs/${job}/cancel`)).status).toBe(202);
  here.direct.cancelled(job);
  expect((await held).body).toMatchObject({ code: 'cancelled' });
  expect(await here.agent.client.process(job)).toMatchObject({
    status: 'exited',
  });
});

it('says that the sandbox stopped where its container died under the command and a worker saw it late', async () => {
  const here = await place();
  const id = await here.sandbox();
  const { held } = await begun(here, id);
  await here.agent.end('SIGKILL');
  // Longer than broken connections are taken up again.
  const seen = setTimeout(() => {
    here.deps.store.sandboxes.transition(id, 'exited', {
      ...{ actor: 'test', reason: 'test', now: Date.now() },
    });
  }, 3_000);
  const { body } = await held;
  clearTimeout(seen);
  expect(body).toMatchObject({ code: 'sandbox_not_running' });
});

it('lets go of a command when it goes away, which a worker follows to its end', async () => {
  const here = await place();
  const id = await here.sandbox();
  const { held, job } = await begun(here, id);
  await here.direct.close(5_000);
  const { store } = here.deps;
  expect(store.jobs.toOffer(Date.now(), 10)).toEqual([
    { id: job, class: 'exec' },
  ]);
  const worker = createJobRunner<JobDeps>({
    ...here.jobs,
    workerId: 'worker',
    handlers: { exec: execHandler },
  });
  const followed = worker.run(job);
  await here.go();
  await followed;
  expect((await held).body).toMatchObject({ exit_code: 0 });
  expect(store.jobs.get(job)).toMatchObject({ worker_id: 'worker', fence: 2 });
});

it('takes nothing once it goes away', async () => {
  const here = await place();
  const id = await here.sandbox();
  await here.direct.close(5_000);
  expect((await exec(here, id, 'true', '?wait=0.05')).status).toBe(202);
  expect(here.deps.store.jobs.get(here.newest(id))?.status).toBe('queued');
});
