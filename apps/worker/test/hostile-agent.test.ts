import type { ServerResponse } from 'node:http';
import { EXEC_OUTPUT_CAP_BYTES } from '@sandboxed/domain';
import { END_GRACE_MS } from '@sandboxed/jobs';
import { HANDLERS } from '../src/handlers/index.ts';
import { MAX_CLAIMS } from '@sandboxed/jobs';
import type { World } from './support.ts';
import type * as Watchdog from '../../../libs/jobs/src/watchdog.ts';
import { startWatchdog } from '../../../libs/jobs/src/watchdog.ts';
import { cleanUp, runningSandbox, standIn, submit, world } from './support.ts';

const watchdog = jest.requireActual<typeof Watchdog>(
  '../../../libs/jobs/src/watchdog.ts',
);
jest.mock('../../../libs/jobs/src/watchdog.ts', () => ({
  startWatchdog: jest.fn(
    jest.requireActual<typeof Watchdog>('../../../libs/jobs/src/watchdog.ts')
      .startWatchdog,
  ),
}));

afterEach(cleanUp);

const EXEC = { shell: 'true', timeout_seconds: 1, background: false };
const STATE = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  status: 'running',
  timed_out: false,
  truncated: false,
  started_at_ms: 1,
};
const EXIT = `${JSON.stringify({ type: 'exit', state: { ...STATE, status: 'exited', exit_code: 0 } })}\n`;

const frame = (text: string, offset: number, stream = 'stdout'): string =>
  `${JSON.stringify({ type: 'output', stream, text, offset })}\n`;

const HEALTH = {
  protocol: 1,
  version: '1',
  pid: 1,
  started_at_ms: 1,
  booted: true,
};

/** Runs an exec against an agent whose stream of output is `output`. It tells of its health only where it is asked to forget as well. */
async function exec(
  place: World,
  output: (response: ServerResponse) => void,
  onForget?: () => 'answer' | 'silence',
) {
  const sandbox = runningSandbox(place);
  await standIn(place, sandbox, (request, response) => {
    if (request.url?.includes('/output') === true) output(response);
    else if (request.url === '/v1/health') {
      if (onForget !== undefined) response.end(JSON.stringify(HEALTH));
    } else {
      if (request.method === 'DELETE' && onForget?.() === 'silence') return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(STATE));
    }
  });
  const id = submit(place, sandbox, 'exec', EXEC);
  await place.runner().run(id);
  const job = place.store.jobs.get(id);
  if (job === undefined) throw new Error('no such job');
  return job;
}

/** Writes frames as long as they are read, then `last`. */
function pour(
  response: ServerResponse,
  frames: Iterator<string>,
  last = '',
): void {
  for (;;) {
    const { value, done } = frames.next();
    if (done === true) {
      response.end(last);
      return;
    }
    if (!response.write(value)) {
      response.once('drain', () => {
        pour(response, frames, last);
      });
      return;
    }
  }
}

function* frames(count: number, text: string, streams = ['stdout']) {
  for (let index = 0; index < count; index += 1)
    yield frame(text, index + 1, streams[index % streams.length]);
}

it('output beyond the cap is dropped, in the result and in the log', async () => {
  const place = world();
  const job = await exec(place, (response) => {
    pour(response, frames(20, 'x'.repeat(100_000)), EXIT);
  });
  expect(job).toMatchObject({
    status: 'succeeded',
    result: { truncated: true },
  });
  const { stdout } = job.result as { stdout: string };
  expect(stdout).toHaveLength(EXEC_OUTPUT_CAP_BYTES);
  const logged = place.store.events
    .after({ jobId: job.id }, 0, 1_000)
    .reduce(
      (sum, { data: { text } }) =>
        sum + (typeof text === 'string' ? text.length : 0),
      0,
    );
  expect(logged).toBe(EXEC_OUTPUT_CAP_BYTES);
});

it('output that never ends breaks the job off', async () => {
  const job = await exec(world(), (response) => {
    pour(response, frames(1e9, 'x'.repeat(100_000)));
  });
  expect(job).toMatchObject({
    status: 'failed',
    error: { code: 'agent_protocol' },
  });
});

it('frames without text count, too', async () => {
  const job = await exec(world(), (response) => {
    pour(response, frames(1e9, ''));
  });
  expect(job.error?.code).toBe('agent_protocol');
});

it('what is no text counts, too', async () => {
  const padding = 'x'.repeat(500_000);
  const padded = frame('', 1).replace('}', `,"padding":"${padding}"}`);
  let sent = 0;
  const job = await exec(world(), (response) => {
    const poured = function* () {
      for (; sent < 200; sent += 1) yield padded;
    };
    pour(response, poured(), EXIT);
  });
  expect(job.error?.code).toBe('agent_protocol');
  expect(sent).toBeLessThan(50);
});

it('many small pieces are written together, and far more than usual of one output as one', async () => {
  const place = world();
  const append = jest.spyOn(place.store.jobs, 'assertHeld');
  const event = jest.spyOn(place.store.events, 'append');
  const job = await exec(place, (response) => {
    pour(response, frames(10_000, 'x', ['stdout', 'stderr']), EXIT);
  });
  expect(job).toMatchObject({
    status: 'succeeded',
    result: { stdout: 'x'.repeat(5_000), stderr: 'x'.repeat(5_000) },
  });
  expect(append.mock.calls.length).toBeLessThan(500);
  expect(event.mock.calls.length).toBeLessThan(3_000);
  const logged = event.mock.calls.flatMap(([{ data }]) =>
    'text' in data && 'offset' in data ? [data] : [],
  );
  expect(logged.map(({ text }) => text).join('')).toHaveLength(10_000);
  expect(Math.max(...logged.map(({ offset }) => offset ?? 0))).toBe(10_000);
});

it('an agent that changes the protocol unasked holds nothing up', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  await standIn(place, sandbox, ({ socket }) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    );
  });
  const { agents } = place.deps;
  expect(await agents.isBooted(sandbox)).toBeUndefined();
  expect(await agents.connectedPorts(sandbox)).toEqual([]);
  const id = submit(place, sandbox, 'exec', EXEC);
  await place.runner().run(id);
  expect(place.store.jobs.get(id)?.error?.code).toBe('agent_protocol');
}, 5_000);

it('a command whose end is never told is given up after its timeout, counted from the claim', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  await standIn(place, sandbox, (request, response) => {
    if (request.url?.includes('/output') === true) response.flushHeaders();
    else response.end(JSON.stringify(STATE));
  });
  const id = submit(place, sandbox, 'exec', EXEC);
  // Another worker began it an hour ago, or a second ago and the clock was set forward.
  place.store.jobs.claim(id, 'lost', Date.now() - 3_600_000);
  jest
    .mocked(startWatchdog)
    .mockImplementationOnce((agent) => watchdog.startWatchdog(agent, 100));
  await place.runner().run(id);
  expect(startWatchdog).toHaveBeenLastCalledWith(
    expect.anything(),
    EXEC.timeout_seconds * 1_000 + END_GRACE_MS,
  );
  expect(place.store.jobs.get(id)).toMatchObject({
    status: 'failed',
    error: { code: 'timed_out' },
  });
});

it('a job that many workers lost is given up', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const id = submit(place, sandbox, 'exec', EXEC);
  let at = Date.now();
  const run = jest.fn(() => Promise.reject(new Error('ran')));
  const runner = place.runner({
    now: () => at,
    handlers: { ...HANDLERS, exec: { run } },
  });
  for (let claims = 0; claims < MAX_CLAIMS; claims += 1) {
    place.store.jobs.claim(id, 'lost', at);
    at += 60_000;
  }
  await runner.run(id);
  expect(run).not.toHaveBeenCalled();
  expect(place.store.jobs.get(id)).toMatchObject({
    status: 'failed',
    error: { code: 'worker_lost' },
  });
});

it('what a command says last is written with its end, in one commit', async () => {
  const place = world();
  const { store } = place;
  const sandbox = runningSandbox(place);
  await standIn(place, sandbox, (request, response) => {
    if (request.url?.includes('/output') === true)
      response.end(`${frame('last words', 1)}${EXIT}`);
    else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(STATE));
    }
  });
  const id = submit(place, sandbox, 'exec', EXEC);
  const logged = (): readonly string[] =>
    store.events.after({ jobId: id }, 0, 100).map(({ type }) => type);
  const handled: string[] = [];
  const reach = (point: string): void => {
    if (point === 'job.handled') handled.push(...logged());
  };
  await place.runner({ reach }).run(id);
  expect(handled).toEqual(['status', 'status']);
  expect(logged()).toEqual(['status', 'status', 'stdout', 'done']);
});

it('is told to forget a command only when its end is on record', async () => {
  const place = world();
  let forgotten: string | undefined;
  await exec(
    place,
    (response) => {
      response.end(EXIT);
    },
    () => {
      forgotten = place.store.jobs.list({ limit: 1 }).items[0]?.status;
      return 'answer';
    },
  );
  expect(forgotten).toBe('succeeded');
});

it('an agent that does not say that it forgot a command holds up nothing for longer than a second', async () => {
  const place = world();
  const asked = Promise.withResolvers<number>();
  const job = await exec(
    place,
    (response) => {
      response.end(EXIT);
    },
    () => {
      asked.resolve(performance.now());
      return 'silence';
    },
  );
  expect(performance.now() - (await asked.promise)).toBeLessThan(5_000);
  expect(job.status).toBe('succeeded');
});
