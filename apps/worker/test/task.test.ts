import type { ServerResponse } from 'node:http';
import type { JobId } from '@sandboxed/domain';
import { taskPayloadSchema, taskResultSchema } from '@sandboxed/domain';
import type { StepName } from './scripted-agent.ts';
import { exit, piece, scriptedAgent } from './scripted-agent.ts';
import type { World } from './support.ts';
import { cleanUp, runningSandbox, submit, until, world } from './support.ts';

afterEach(cleanUp);

const TASK = taskPayloadSchema.parse({ agent: 'codex', prompt: 'x' });
/** What Codex prints of a task that goes well after one retry. */
const WELL = [
  { type: 'thread.started', thread_id: 'T' },
  { type: 'error', message: 'Reconnecting... 1/5 (stream closed)' },
  {
    type: 'item.completed',
    item: { id: 'i', type: 'agent_message', text: 'done' },
  },
  {
    type: 'turn.completed',
    usage: {
      input_tokens: 100,
      cached_input_tokens: 0,
      output_tokens: 10,
      reasoning_output_tokens: 0,
    },
  },
]
  .map((line, index) => piece(line, 10 * (index + 1)))
  .join('');
const BUILT = {
  present: ['package.json'],
  texts: { 'package.json': '{"scripts":{"dev":"x","build":"y"}}' },
};

const well = (step: StepName, response: ServerResponse): void => {
  response.end(step === 'program' ? WELL + exit() : exit());
};

function cancel(
  place: World,
  task: JobId,
  cancelled: (id: JobId) => void,
): void {
  place.store.jobs.requestCancel(task, { actor: 'test', now: Date.now() });
  cancelled(task);
}

function resultOf(place: World, task: JobId) {
  return taskResultSchema.parse(place.store.jobs.get(task)?.result);
}

it('is cancelled within ten seconds though the agent ignores every signal', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  const asked = await scriptedAgent(place, sandbox, () => task, {
    output(step, response) {
      if (step === 'program')
        response.write(piece({ type: 'turn.started' }, 10));
      else response.end(exit());
    },
  });
  const runner = place.runner();
  const run = runner.run(task);
  await until(() => asked.includes('follow program'));
  const askedAt = performance.now();
  cancel(place, task, runner.cancelled);
  await run;
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  expect(place.store.jobs.get(task)?.status).toBe('cancelled');
  expect(asked).toEqual(
    expect.arrayContaining([
      'SIGINT program',
      'SIGTERM program',
      'SIGKILL program',
    ]),
  );
}, 30_000);

it('never starts its program once it is cancelled during the checkpoint', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  let held: ServerResponse | undefined;
  const asked = await scriptedAgent(place, sandbox, () => task, {
    output(_step, response) {
      held = response;
    },
  });
  const runner = place.runner();
  const run = runner.run(task);
  await until(() => held !== undefined);
  cancel(place, task, runner.cancelled);
  await until(() => asked.includes('SIGINT checkpoint'));
  held?.end(exit());
  await run;
  expect(resultOf(place, task).failure_reason).toBe('cancelled');
  expect(asked).not.toContain('start program');
}, 30_000);

it('ends its build when it is cancelled during the build', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  let build: ServerResponse | undefined;
  const asked = await scriptedAgent(place, sandbox, () => task, {
    app: BUILT,
    output(step, response) {
      if (step === 'build') build = response;
      else well(step, response);
    },
  });
  const runner = place.runner();
  const run = runner.run(task);
  await until(() => build !== undefined);
  cancel(place, task, runner.cancelled);
  await until(() => asked.includes('SIGINT build'));
  build?.end(exit());
  await run;
  expect(resultOf(place, task)).toMatchObject({
    status: 'cancelled',
    failure_reason: 'cancelled',
    agent_message_final: 'done',
  });
}, 30_000);

it('tells of everything once, and counts its own tokens alone, when another worker ends it', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  const answers: ((status: number) => void)[] = [];
  const asked = await scriptedAgent(place, sandbox, () => task, {
    app: BUILT,
    output: well,
    probe(response) {
      answers.push((status) => {
        response.end(JSON.stringify({ http_status: status }));
      });
    },
  });
  const first = place.runner();
  const lost = first.run(task);
  await until(() => answers.length === 1);
  // The first worker stands still until its lease is over.
  const later = () => Date.now() + 60_000;
  const second = place.runner({ workerId: 'second', now: later });
  const run = second.run(task);
  await until(() => answers.length === 2);
  answers[1]?.(200);
  await run;
  answers[0]?.(200);
  await lost;

  expect(resultOf(place, task)).toMatchObject({
    status: 'succeeded',
    checkpoint_id: task,
    tokens: { total: 110 },
  });
  expect(place.store.agentSessions.get(sandbox, 'codex')).toMatchObject({
    id: 'T',
    tokens: { total: 110 },
  });
  const told = place.store.events
    .after({ jobId: task }, 0, 500)
    .map(({ type, data }) =>
      type === 'status' || type === 'build'
        ? `${type} ${String(data['phase'] ?? data['status'])}`
        : type,
    );
  expect(told).toEqual([
    'status queued',
    'status running',
    'status starting',
    'status checkpoint',
    'status agent_running',
    'status agent_running',
    'message',
    'usage',
    'status build_check',
    'build running',
    'build passed',
    'status health_check',
    'done',
  ]);
  expect(asked.filter((call) => call === 'start program')).toHaveLength(1);
}, 30_000);

it('kills its program when its output cannot be read', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  const asked = await scriptedAgent(place, sandbox, () => task, {
    output(step, response) {
      response.end(step === 'program' ? '{"type":"nonsense"}\n' : exit());
    },
  });
  await place.runner().run(task);
  expect(resultOf(place, task).failure_reason).toBe('agent_error');
  expect(asked).toContain('SIGKILL program');
}, 30_000);

it('does not wait for a log without an end', async () => {
  const place = world();
  const sandbox = runningSandbox(place);
  const task = submit(place, sandbox, 'task', TASK);
  let drips = 0;
  await scriptedAgent(place, sandbox, () => task, {
    app: BUILT,
    output: well,
    probe(response) {
      response.end(JSON.stringify({ http_status: 200, loopback_only: true }));
      place.store.jobs.requestCancel(task, { actor: 'test', now: Date.now() });
      runner.cancelled(task);
    },
    logs(response) {
      const timer = setInterval(() => {
        drips += 1;
        response.write(`${JSON.stringify({ type: 'log', text: 'drip\n' })}\n`);
      }, 50);
      response.on('close', () => {
        clearInterval(timer);
      });
    },
  });
  const runner = place.runner();
  await runner.run(task);
  expect(drips).toBeGreaterThan(0);
  expect(resultOf(place, task).preview.message).toContain('0.0.0.0');
}, 30_000);
