import type { AgentName } from '@sandboxed/domain';
import { AGENT_NAMES } from '@sandboxed/domain';
import { MODEL_URL, modelEnv, startModel } from '../src/model.ts';
import type { Sandbox } from '../src/stack.ts';
import { call, exec, ok, preview, sandboxes, until } from '../src/stack.ts';
import {
  ended,
  readEvents,
  send,
  taskSchema,
  untilWorking,
  work,
} from '../src/task.ts';

const fleet = sandboxes();
let stopModel: (() => Promise<void>) | undefined;
beforeAll(async () => {
  stopModel = await startModel();
}, 30_000);
afterAll(async () => {
  await fleet.clean();
  await stopModel?.();
}, 120_000);

/** A word that makes a prompt its own: the scripted model counts `times=` by prompt. */
let fresh = 0;
const once = (): string => `run ${process.pid}-${(fresh += 1)}`;

/** A test in a sandbox of its own, which goes with it: others are at work in theirs. */
const inSandbox =
  <Arguments extends unknown[]>(
    test: (sandbox: Sandbox, ...each: Arguments) => Promise<void>,
  ) =>
  async (...each: Arguments): Promise<void> => {
    const sandbox = await fleet.create({ env: modelEnv() });
    await test(sandbox, ...each);
    await fleet.purge(sandbox.id);
  };

/** Each case with each agent, whose programs differ in what they need of the processor. */
const eachAgent = <Case extends readonly [unknown, ...unknown[]]>(
  cases: readonly Case[],
): readonly (readonly [AgentName, ...Case])[] =>
  cases.flatMap((one) =>
    AGENT_NAMES.map((agent): readonly [AgentName, ...Case] => [agent, ...one]),
  );

// Some side by side: they wait for limits, and for programs that try again, most of the time. Those that wait longest begin first.
it.concurrent.each(eachAgent([['cut'], ['json'], ['eof'], ['html']]))(
  '%s comes to an end when the answers of the model are broken: %s',
  inSandbox(async ({ id }, agent, kind) => {
    const { status, result } = await work(id, {
      agent,
      prompt: `[[malformed kind=${kind}]]`,
      idle_timeout_seconds: 30,
      timeout_seconds: 90,
    });
    // Some programs ask again and are told the rest of the script.
    if (status !== 'succeeded')
      expect(result?.failure_reason).toMatch(
        /^(agent_loop|provider_error|agent_error|agent_idle|agent_timeout)$/,
      );
  }),
  180_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s comes to an end when the model cannot be reached',
  inSandbox(async ({ id }, agent) => {
    const { status, result } = await work(id, {
      agent,
      prompt: 'hello',
      env: modelEnv(MODEL_URL.replace(/\d+$/, '9')),
      idle_timeout_seconds: 20,
    });
    expect(status).toBe('failed');
    expect(result?.failure_reason).toMatch(/^(provider_error|agent_idle)$/);
  }),
  120_000,
);

it.concurrent(
  'never calls a task a success whose app does not build or does not run',
  inSandbox(async ({ id }) => {
    const unbuilt = await work(id, {
      agent: 'codex',
      prompt: `[[write path=sandbox.yaml content="version: 1\\nweb: {command: python3 -m http.server 3000}\\nbuild: {command: echo no such module; exit 7}\\n"]]`,
    });
    expect(unbuilt.result).toMatchObject({
      status: 'failed',
      failure_reason: 'build_failed',
      build_status: 'failed',
    });
    expect(unbuilt.result?.build_message).toContain('no such module');
    const dead = await work(id, {
      agent: 'codex',
      prompt: `[[write path=sandbox.yaml content="version: 1\\nweb: {command: echo cannot start; exit 1}\\n"]]`,
    });
    expect(dead.result).toMatchObject({
      status: 'failed',
      failure_reason: 'preview_failed',
      preview: { status: 'failed' },
    });
    expect(dead.result?.preview.message).toContain('cannot start');
    const unreachable = await work(id, {
      agent: 'codex',
      prompt: `[[write path=sandbox.yaml content="version: 1\\nweb: {command: exec python3 -m http.server 3000 --bind 127.0.0.1}\\n"]]`,
    });
    expect(unreachable.result).toMatchObject({
      failure_reason: 'preview_failed',
      preview: {
        status: 'failed',
        message: expect.stringContaining('0.0.0.0'),
      },
    });
    const wrong = await work(id, {
      agent: 'codex',
      prompt: `[[write path=sandbox.yaml content="version: 1\\nweb: {prot: 3000}\\n"]]`,
    });
    expect(wrong.result).toMatchObject({ failure_reason: 'build_failed' });
    expect(wrong.result?.build_message).toContain('line 2');
  }),
  360_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s writes an app that is open at the preview when the task is done, streams what it does, and continues its session',
  inSandbox(async ({ id, preview_urls }, agent) => {
    const first = await send(id, {
      agent,
      prompt: `[[write path=index.html content="<h1>built by ${agent}</h1>"]] [[bash cmd="echo note > note.txt"]] [[slow chunks=6 ms=400]]`,
    });
    const events = await readEvents(id, first.id);
    const task = await ended(id, first.id, 5_000);
    expect(task).toMatchObject({
      status: 'succeeded',
      result: {
        build_status: 'skipped',
        preview: { status: 'ready', http_status: 200 },
        checkpoint_id: first.id,
        files_changed: [
          { path: 'index.html', change: 'added' },
          { path: 'note.txt', change: 'added' },
        ],
      },
    });
    expect(task.result?.agent_message_final).toContain('tick-6');
    expect(task.result?.tokens.total).toBeGreaterThan(0);
    expect(task.result?.session_id).toBeTruthy();
    const page = await preview(preview_urls['3000'] ?? '');
    expect(page.text).toContain(`built by ${agent}`);

    const types = events.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['status', 'tool', 'message', 'usage', 'done']),
    );
    const tool = events.find(({ type }) => type === 'tool');
    const done = events.at(-1);
    expect(done?.type).toBe('done');
    // Live: the tool was heard of while the model was still at its last words.
    expect((done?.receivedAt ?? 0) - (tool?.receivedAt ?? 0)).toBeGreaterThan(
      1_500,
    );
    const ids = events.map((event) => event.id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));

    const second = await work(id, { agent, prompt: '[[recall]]' });
    expect(second.result?.agent_message_final).toContain('prompts=2');
    expect(second.result?.session_id).toBe(task.result?.session_id);
    const third = await work(id, {
      agent,
      prompt: '[[recall]]',
      continue: false,
    });
    expect(third.result?.agent_message_final).toContain('prompts=1');

    await ok('POST', `/v1/sandboxes/${id}/tasks/${first.id}/revert?wait=60`);
    expect((await exec(id, 'ls')).stdout).toBe('');
  }),
  180_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s is cancelled in the middle within ten seconds, and leaves no process behind',
  inSandbox(async ({ id }, agent) => {
    const { id: task } = await send(id, {
      agent,
      prompt: '[[bash cmd="echo begun > begun; exec tail -f /dev/null"]]',
    });
    await untilWorking(id, task);
    await until('the command of the agent to run', 60_000, async () =>
      (await exec(id, 'test -e begun; echo $?')).stdout === '0\n'
        ? true
        : undefined,
    );
    const askedAt = Date.now();
    await ok('POST', `/v1/sandboxes/${id}/tasks/${task}/cancel`);
    const { status, result } = await ended(id, task, 12_000);
    expect(Date.now() - askedAt).toBeLessThan(10_000);
    expect(status).toBe('cancelled');
    expect(result).toMatchObject({
      status: 'cancelled',
      failure_reason: 'cancelled',
      files_changed: [{ path: 'begun', change: 'added' }],
    });
    expect(
      (await exec(id, 'pgrep -fc "tail -f /dev/null$" || true')).stdout,
    ).toBe('0\n');
    expect(
      (await call('POST', `/v1/sandboxes/${id}/tasks/${task}/cancel`)).status,
    ).toBe(409);
  }),
  120_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s ends at its time limit, and at its idle limit when the model is silent',
  inSandbox(async ({ id }, agent) => {
    const late = await work(id, {
      agent,
      prompt: '[[slow chunks=120 ms=500]]',
      timeout_seconds: 8,
    });
    expect(late.result?.failure_reason).toBe('agent_timeout');
    const silent = await work(id, {
      agent,
      prompt: '[[hang]]',
      idle_timeout_seconds: 8,
    });
    expect(silent.result?.failure_reason).toBe('agent_idle');
    expect(silent.result?.error_message).toContain('8 s');
  }),
  120_000,
);

it.concurrent.each(
  eachAgent([
    ['a bad key', 'provider_auth', '[[error status=401]]', /./],
    ['a refused key', 'provider_auth', '[[error status=403]]', /./],
    ['a bill to pay', 'provider_quota', '[[error status=402]]', /./],
    [
      'a used up quota',
      'provider_quota',
      '[[error status=429 type=insufficient_quota message="You exceeded your current quota, please check your plan and billing details."]]',
      /quota/i,
    ],
  ]),
)(
  '%s tells of %s at once, in the words of the provider',
  inSandbox(async ({ id }, agent, _case, reason, prompt, words) => {
    const { result } = await work(id, { agent, prompt });
    expect(result?.failure_reason).toBe(reason);
    expect(result?.error_message).toMatch(words);
    expect(result?.duration_ms).toBeLessThan(30_000);
  }),
  120_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s is ended when it calls the model more often than it may',
  inSandbox(async ({ id }, agent) => {
    const { result } = await work(id, {
      agent,
      prompt: Array.from(
        { length: 12 },
        (_, index) => `[[bash cmd="echo ${index}; sleep 0.3"]]`,
      ).join(' '),
      max_steps: 3,
    });
    expect(result?.failure_reason).toBe('step_limit');
  }),
  120_000,
);

it.concurrent.each(AGENT_NAMES)(
  '%s waits out a passing refusal and succeeds',
  inSandbox(async ({ id }, agent) => {
    const { status } = await work(id, {
      agent,
      model: 'scripted-model',
      prompt: `${once()} [[error status=429 retry_after=1 times=1]] [[done text=fine]]`,
    });
    expect(status).toBe('succeeded');
  }),
  120_000,
);

it.concurrent(
  'queues tasks one behind the other, or refuses the second when asked to',
  inSandbox(async ({ id }) => {
    const body = { agent: 'codex', prompt: '[[slow chunks=6 ms=500]]' };
    const [first, second] = [await send(id, body), await send(id, body)];
    const refused = await call(
      'POST',
      `/v1/sandboxes/${id}/tasks?if_busy=reject`,
      body,
    );
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'task_in_progress' },
    });
    await untilWorking(id, first.id);
    expect(await ok('GET', `/v1/sandboxes/${id}`)).toMatchObject({
      active_task_id: first.id,
    });
    expect(
      await ok('GET', `/v1/sandboxes/${id}/tasks/${second.id}`),
    ).toMatchObject({ status: 'queued' });
    await ended(id, second.id, 60_000);
    expect(await ok('GET', `/v1/sandboxes/${id}/tasks`)).toMatchObject({
      items: [
        { id: second.id, status: 'succeeded' },
        { id: first.id, status: 'succeeded' },
      ],
    });
  }),
  120_000,
);

it('refuses a body that is wrong before anything starts, and ids of others', async () => {
  const { id } = await fleet.create();
  const other = await fleet.create();
  const path = `/v1/sandboxes/${id}/tasks`;
  for (const body of [
    { agent: 'gpt', prompt: 'x' },
    { agent: 'codex', prompt: '  ' },
    { agent: 'codex' },
    { agent: 'codex', prompt: 'x', timeout_seconds: 86_401 },
    { agent: 'codex', prompt: 'x', model: '--evil' },
    { agent: 'codex', prompt: 'x', env: { 'A=B': 'c' } },
    { agent: 'codex', prompt: 'x', extra: 1 },
  ])
    expect(await call('POST', path, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  expect(await ok('GET', path)).toMatchObject({ items: [] });
  const task = taskSchema.parse(
    await ok('POST', `/v1/sandboxes/${other.id}/tasks`, {
      agent: 'codex',
      prompt: 'x',
      timeout_seconds: 5,
    }),
  );
  for (const rest of ['', '/events', '/cancel', '/revert'])
    expect(
      await call(
        rest === '' || rest === '/events' ? 'GET' : 'POST',
        `${path}/${task.id}${rest}`,
      ),
    ).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
}, 120_000);
