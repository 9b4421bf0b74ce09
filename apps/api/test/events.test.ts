import type { SandboxId } from '@sandboxed/domain';
import type { World } from './support.ts';
import {
  afterwards,
  cleanUp,
  finish,
  listen,
  running,
  world,
} from './support.ts';

afterEach(cleanUp);
afterEach(() => {
  jest.restoreAllMocks();
});

interface Frame {
  readonly id: string;
  readonly event: string;
  readonly text: string;
}

/** Frames of a stream as they come, comments and all; it is broken off with the test. */
async function* frames(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<Frame> {
  const stop = new AbortController();
  afterwards(() => {
    stop.abort();
  });
  const { body } = await fetch(url, { headers, signal: stop.signal });
  let text = '';
  for await (const chunk of (body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts)
      yield {
        id: /^id: (.*)$/m.exec(part)?.[1] ?? '',
        event: /^event: (.*)$/m.exec(part)?.[1] ?? '',
        text: part,
      };
  }
}

/** All events of a stream that ends by itself. */
async function events(url: string, headers = {}): Promise<readonly Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames(url, headers)) all.push(frame);
  return all.filter(({ event }) => event !== '');
}

async function exec(
  deps: World,
): Promise<{ url: string; id: SandboxId; jobUrl: string; job: unknown }> {
  const api = await listen(deps);
  const id = await running(deps, api);
  const { body } = await api(`POST /sandbox/${id}/exec`, { shell: 'true' });
  return {
    id,
    url: `${api.url}/sandbox/${id}/events`,
    jobUrl: `${api.url}${String(body['events_url'])}`,
    job: body['job_id'],
  };
}

it("follows a job's events to its done", async () => {
  const deps = await world();
  const { id, jobUrl } = await exec(deps);
  const stream = frames(jobUrl);
  await stream.next();
  expect((await stream.next()).value).toMatchObject({ event: 'status' });
  finish(deps.store, id);
  const rest: string[] = [];
  for await (const { event } of stream) rest.push(event);
  expect(rest).toEqual(['status', 'done']);
});

it('ends with done also when the job ends while its events are read', async () => {
  const deps = await world();
  const { store } = deps;
  let ended = false;
  const events_ = {
    ...store.events,
    after(...query: Parameters<typeof store.events.after>) {
      const page = store.events.after(...query);
      if (page.length === 0 && !ended) {
        ended = true;
        finish(store, id);
      }
      return page;
    },
  };
  const { id, jobUrl } = await exec({
    ...deps,
    store: { ...store, events: events_ },
  });
  expect((await events(jobUrl)).at(-1)?.event).toBe('done');
});

it('ends at once for a job that was over before the asked event', async () => {
  const deps = await world();
  const { id, jobUrl } = await exec(deps);
  finish(deps.store, id);
  const last = (await events(jobUrl)).at(-1);
  expect(last?.event).toBe('done');
  expect(await events(`${jobUrl}?after=${last?.id ?? ''}`)).toEqual([]);
});

it("tells what reconciling found, in the sandbox's own log and as a figure", async () => {
  const deps = await world();
  const { id, url } = await exec(deps);
  deps.store.findings.note(
    {
      ...{ kind: 'container_paused', action: 'unpaused', message: 'paused' },
      ...{ subject: id, detail: 'x', sandboxId: id },
    },
    Date.now(),
    Date.now(),
  );
  for await (const { event, text } of frames(url)) {
    if (event !== 'finding') continue;
    expect(text).toContain('"kind":"container_paused"');
    expect(text).toContain('"actor":"reconciler"');
    break;
  }
  const figures = await fetch(new URL('/metrics', url));
  const lines = (await figures.text()).split('\n');
  const name = 'sandboxed_reconcile_findings_total';
  expect(lines).toContain(`${name}{kind="container_paused"} 1`);
  expect(lines).toContain(`${name}{kind="container_gone"} 0`);
});

it("resumes a sandbox's own log after an event, by query or by header", async () => {
  const deps = await world();
  const { url } = await exec(deps);
  const all: Frame[] = [];
  for await (const frame of frames(url)) {
    if (frame.event !== '') all.push(frame);
    if (all.length === 5) break;
  }
  expect(new Set(all.map(({ event }) => event))).toEqual(
    new Set(['state', 'job']),
  );
  const [, second, third, fourth] = all;
  const firstOf = async (query: string, headers = {}) => {
    for await (const frame of frames(url + query, headers))
      if (frame.event !== '') return frame;
    return undefined;
  };
  expect(await firstOf(`?after=${second?.id ?? ''}`)).toEqual(third);
  expect(await firstOf('', { 'last-event-id': third?.id ?? '' })).toEqual(
    fourth,
  );
  expect(
    await firstOf('?after=0', { 'last-event-id': third?.id ?? '' }),
  ).toEqual(fourth);
});

it.each(['-1', 'x', '1e3', '9999999999999999'])(
  'refuses to resume after %s',
  async (after) => {
    const { url } = await exec(await world());
    const answers = [
      await fetch(`${url}?after=${after}`),
      await fetch(url, { headers: { 'last-event-id': after } }),
      // Neither is looked over because the other is right.
      await fetch(`${url}?after=${after}`, {
        headers: { 'last-event-id': '0' },
      }),
      await fetch(`${url}?after=0`, { headers: { 'last-event-id': after } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  },
);

it('sends a heartbeat while nothing happens', async () => {
  const deps = await world();
  const { jobUrl } = await exec(deps);
  const stream = frames(jobUrl);
  await stream.next();
  await stream.next();
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + 15_000);
  expect((await stream.next()).value).toMatchObject({ text: ': heartbeat' });
});

/** Deletes all that has ended, as the reaper does with what is old. */
function trimAll({ store }: World): void {
  const options = { now: Date.now() + 1, keepMs: 0, maxBytes: 1e12 };
  while (store.trim({ ...options, batch: 100 }) > 0);
}

it("tells a reader of a sandbox's log that what it comes back for is no longer kept", async () => {
  const deps = await world();
  const { id, url } = await exec(deps);
  trimAll(deps);
  finish(deps.store, id);
  for (const after of [1, 0]) {
    const stream = frames(`${url}?after=${after}`);
    await stream.next();
    expect((await stream.next()).value).toMatchObject({
      event: 'trimmed',
      id: '',
    });
    expect((await stream.next()).value).toMatchObject({ event: 'job' });
  }
});

it('tells of nothing trimmed where nothing is missing', async () => {
  const deps = await world();
  await exec(deps);
  trimAll(deps);
  const { id, url } = await exec(deps);
  const [first, ...rest] = deps.store.events.after({ sandboxId: id }, 0, 100);
  for (const [after, seen] of [
    [0, first],
    [first?.seq, rest[0]],
  ] as const) {
    const stream = frames(`${url}?after=${after ?? ''}`);
    await stream.next();
    expect((await stream.next()).value).toMatchObject({
      id: String(seen?.seq),
    });
  }
});

it('tells a reader who was waiting of nothing trimmed', async () => {
  const deps = await world();
  const { id, url } = await exec(deps);
  const stream = frames(url);
  const events = deps.store.events.after({ sandboxId: id }, 0, 100);
  for (let at = 0; at <= events.length; at += 1) await stream.next();
  const [open] = deps.store.jobs.mailbox(id);
  const following = stream.next();
  trimAll(deps);
  finish(deps.store, id);
  expect(open).toBeDefined();
  expect((await following).value).toMatchObject({ event: 'job' });
});

it('tells a reader whose job is trimmed while it reads, and ends', async () => {
  const deps = await world();
  const { store } = deps;
  let seen: ReturnType<typeof store.jobs.get>;
  const jobs = {
    ...store.jobs,
    get(...query: Parameters<typeof store.jobs.get>) {
      const job = store.jobs.get(...query);
      if (job?.status === 'succeeded') {
        seen = job;
        trimAll(deps);
      }
      return job;
    },
  };
  const { id, jobUrl } = await exec({ ...deps, store: { ...store, jobs } });
  finish(store, id);
  expect((await events(jobUrl)).map(({ event }) => event)).toEqual(['trimmed']);
  expect(seen).toBeDefined();
});
