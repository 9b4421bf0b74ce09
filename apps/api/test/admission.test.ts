import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobId, SandboxId } from '@sandboxed/domain';
import {
  jobIdSchema,
  noCapacity,
  sandboxIdSchema,
  toFailure,
} from '@sandboxed/domain';
import type { World } from './support.ts';
import { cleanUp, listen, running, world } from './support.ts';
import { ask, hostOf, PAGE, POLL, textOf, waking } from './wake-support.ts';

afterEach(cleanUp);
afterEach(() => {
  jest.restoreAllMocks();
});

const BY = { actor: 'test', reason: 'test', now: 1 };
const FAILURE = toFailure(noCapacity({ totalMb: 4_096, availableMb: 300 }, 60));

/** Puts the start that is queued first in a sandbox back, as a worker does that finds no memory. */
function defer({ store }: World, id: SandboxId): JobId {
  const [job] = store.jobs.mailbox(id);
  const claim =
    job === undefined ? undefined : store.jobs.claim(job.id, 'w', Date.now());
  if (claim === undefined) throw new Error('nothing to claim');
  store.transaction(() => {
    store.starts.enter({
      jobId: claim.jobId,
      sandboxId: id,
      tenant: 'open',
      costMb: 384,
      waitingSince: Date.now(),
    });
    store.starts.defer(claim, Date.now());
  });
  return claim.jobId;
}

/** Gives a waiting start up, as a worker does. */
function giveUp({ store }: World, job: JobId): void {
  store.jobs.abandon(job, { status: 'failed', error: FAILURE }, Date.now());
}

/** A sandbox that sleeps. */
async function sleeping(deps: World): Promise<SandboxId> {
  const id = await running(deps, await listen(deps));
  deps.store.sandboxes.transition(id, 'exited', BY);
  return id;
}

/** Resolves when a start of the sandbox is queued, and puts it back. */
async function deferred(deps: World, id: SandboxId): Promise<JobId> {
  while (deps.store.jobs.mailbox(id).length === 0) await deps.hub.changed(id);
  return defer(deps, id);
}

describe('a call that waits for a start', () => {
  it('answers 503 and when to come again once the start was given up', async () => {
    const deps = await world();
    const api = await listen(deps);
    const id = await sleeping(deps);
    const held = api(`POST /sandbox/${id}/start?wait=20`);
    giveUp(deps, await deferred(deps, id));
    const { status, headers, body } = await held;
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('30');
    expect(body).toMatchObject({
      code: 'no_capacity',
      retryable: true,
      detail: FAILURE.message,
    });
  });

  it('is told in the events of the job that it waits for memory', async () => {
    const deps = await world();
    const api = await listen(deps);
    const { body } = await api('POST /sandbox', {});
    const job = defer(deps, sandboxIdSchema.parse(body['id']));
    giveUp(deps, job);
    const { text } = await api(`GET /v1/jobs/${job}/events`);
    expect(text).toContain('"waiting for memory"');
  });
});

describe('a wake that finds no memory', () => {
  it('tells a program 503 and when to come again', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    const asked = ask(await waking(deps), hostOf(id));
    giveUp(deps, await deferred(deps, id));
    const answer = await asked;
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('30');
    expect(JSON.parse(await textOf(answer))).toMatchObject({
      code: 'no_capacity',
      title: 'No room right now',
    });
  });

  it('tells so as well when the start waits for longer than a request is held', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    const asked = ask(await waking(deps), hostOf(id));
    await deferred(deps, id);
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 120_000);
    const answer = await asked;
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['x-sandboxed-error']).toBe('no_capacity');
    expect(answer.headers['retry-after']).toBe('30');
  });

  it('shows a person the page that waits, and there why it ended', async () => {
    const deps = await world();
    const id = await sleeping(deps);
    const port = await waking(deps);
    const page = ask(port, hostOf(id), PAGE);
    const start = await deferred(deps, id);
    const shown = await page;
    expect(shown.statusCode).toBe(503);
    expect(shown.headers['x-sandboxed-error']).toBeUndefined();
    expect(await textOf(shown)).toContain('Waking up');

    const follows = ask(port, hostOf(id), POLL);
    giveUp(deps, start);
    // One that comes in between two polls must hear it, too.
    for (const poll of [await follows, await ask(port, hostOf(id), POLL)]) {
      expect(poll.statusCode).toBe(503);
      expect(poll.headers['x-sandboxed-error']).toBe('no_capacity');
      expect(JSON.parse(await textOf(poll))).toMatchObject({
        detail: FAILURE.message,
      });
    }
  });
});

describe('behind a start that waits', () => {
  it.each([
    ['POST', '/stop', { force: false }],
    ['DELETE', '', undefined],
    ['POST', '/purge', {}],
  ])(
    '%s %s does not wait for memory: the start is taken back',
    async (method, path, body) => {
      const deps = await world();
      const api = await listen(deps);
      const id = await sleeping(deps);
      await api(`POST /sandbox/${id}/start`);
      const start = defer(deps, id);
      const { status, body: answer } = await api(
        `${method} /sandbox/${id}${path}`,
        body,
      );
      expect(status).toBe(202);
      expect(deps.store.jobs.get(start)).toMatchObject({
        status: 'cancelled',
        error: { code: 'cancelled' },
      });
      const job = jobIdSchema.parse(answer['job_id']);
      expect(deps.store.jobs.claim(job, 'w', Date.now())).toBeDefined();
      expect(deps.store.sandboxes.get(id)?.state).toBe('stopped');
    },
  );

  it('a stop leaves a sandbox that was never made with the reason, to be started or deleted', async () => {
    const deps = await world();
    const api = await listen(deps);
    const { body } = await api('POST /sandbox', {});
    const id = sandboxIdSchema.parse(body['id']);
    defer(deps, id);
    expect((await api(`POST /sandbox/${id}/stop`, {})).status).toBe(202);
    expect((await api(`GET /sandbox/${id}`)).body).toMatchObject({
      status: 'error',
      error: { code: 'cancelled' },
    });
    expect((await api(`POST /sandbox/${id}/start`)).status).toBe(202);
  });
});

it('tells the memory, what starts hold of it, how many wait and the band', async () => {
  const deps = await world();
  const file = join(deps.dataDir, 'meminfo');
  writeFileSync(file, 'MemTotal:  4194304 kB\nMemAvailable:  1048576 kB\n');
  const api = await listen({
    ...deps,
    config: { ...deps.config, SANDBOXED_MEMINFO_FILE: file },
  });
  const { body } = await api('POST /sandbox', {});
  deps.store.sandboxes.reserve(sandboxIdSchema.parse(body['id']), 384);
  const other = await sleeping(deps);
  await api(`POST /sandbox/${other}/start`);
  defer(deps, other);
  const reading = { availableMb: 1_024, totalMb: 4_096, at: Date.now() };
  deps.store.pressure.put({ band: 'high', ...reading });
  expect((await api('GET /v1/system')).body['capacity']).toEqual({
    memory_total_mb: 4_096,
    memory_free_mb: 1_024,
    memory_reserved_mb: 384,
    memory_band: 'high',
    starts_waiting: 1,
  });
  const { text } = await api('GET /metrics');
  expect(text).toContain('sandboxed_starts_waiting 1\n');
  expect(text).toContain('sandboxed_memory_band{band="high"} 1\n');
});

it.each([
  ['the token that made it', 'ann'],
  ['nobody in an open installation', undefined],
])('a sandbox belongs to %s', async (_whose, name) => {
  const secret = 'annannannannannann';
  const deps = await world(
    name === undefined
      ? {}
      : {
          SANDBOXD_API_AUTH_DISABLED: 'false',
          SANDBOXD_API_TOKENS: `${name}:${secret}`,
        },
  );
  const api = await listen(deps);
  await api(
    'POST /sandbox',
    {},
    name === undefined ? {} : { authorization: `Bearer ${secret}` },
  );
  const [sandbox] = deps.store.sandboxes.list({ limit: 1 }).items;
  expect(sandbox?.tenant).toBe(name ?? 'open');
});
