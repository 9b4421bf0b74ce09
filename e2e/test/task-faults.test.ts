import { AGENT_NAMES } from '@sandboxed/domain';
import { modelEnv, startModel } from '../src/model.ts';
import {
  docker,
  exec,
  killWorkers,
  ok,
  sandboxes,
  service,
  until,
  untilStatus,
} from '../src/stack.ts';
import type { StreamedEvent } from '../src/task.ts';
import { ended, readEvents, send, untilWorking, work } from '../src/task.ts';

const fleet = sandboxes();
let stopModel: (() => Promise<void>) | undefined;
beforeAll(async () => {
  stopModel = await startModel();
}, 30_000);
afterAll(() => stopModel?.());
afterEach(() => fleet.clean(), 120_000);

const STEPS = 8;
/** Calls a tool again and again, each call telling which it is. */
const MANY_STEPS = `${Array.from(
  { length: STEPS },
  (_, index) => `[[bash cmd="echo step-${index} >> steps; sleep 1"]]`,
).join(' ')} [[done text=finished]]`;

/** Each call of a tool is told of as completed once, however the stream was put together. */
function expectWhole(events: readonly StreamedEvent[]): void {
  const ids = events.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  const tools = events.filter(
    ({ type, data }) => type === 'tool' && data['status'] === 'completed',
  );
  expect(tools).toHaveLength(STEPS);
  expect(new Set(tools.map(({ data }) => data['id'])).size).toBe(STEPS);
  expect(events.filter(({ type }) => type === 'done')).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('done');
}

describe.each(AGENT_NAMES)('%s', (agent) => {
  it('goes on when every worker is killed in the middle, and nothing is lost or told twice', async () => {
    const { id } = await fleet.create({ env: modelEnv() });
    const { id: task } = await send(id, { agent, prompt: MANY_STEPS });
    await readEvents(id, task, { enough: ({ type }) => type === 'tool' });
    await killWorkers();
    const { status, result } = await ended(id, task, 90_000);
    expect(status).toBe('succeeded');
    expect(result?.agent_message_final).toBe('finished');
    expect(
      (await exec(id, 'sort -u steps | wc -l; wc -l < steps')).stdout,
    ).toBe(`${STEPS}\n${STEPS}\n`);
    expectWhole(await readEvents(id, task));
  }, 180_000);

  it('is told of to its end over a restart of the api, from where the stream broke', async () => {
    const { id } = await fleet.create({ env: modelEnv() });
    const { id: task } = await send(id, { agent, prompt: MANY_STEPS });
    await untilWorking(id, task);
    const open = readEvents(id, task);
    await docker('restart', ...(await service('api')));
    const events = await open;
    expect(events.at(-1)?.type).not.toBe('done');
    await until('the api to be back', 30_000, () =>
      ok('GET', '/readyz').catch(() => undefined),
    );
    const rest = await readEvents(id, task, { after: events.at(-1)?.id ?? 0 });
    expectWhole([...events, ...rest]);
  }, 180_000);

  it('says that the sandbox was stopped under it, by force or by its death', async () => {
    const { id } = await fleet.create({ env: modelEnv() });
    const first = await send(id, { agent, prompt: MANY_STEPS });
    await readEvents(id, first.id, { enough: ({ type }) => type === 'tool' });
    await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
    expect(await ended(id, first.id, 10_000)).toMatchObject({
      status: 'cancelled',
      result: { failure_reason: 'sandbox_stopped' },
    });
    const second = await send(id, { agent, prompt: MANY_STEPS });
    await readEvents(id, second.id, { enough: ({ type }) => type === 'tool' });
    await docker('kill', `s-${id.toLowerCase()}`);
    expect(await ended(id, second.id, 30_000)).toMatchObject({
      status: 'failed',
      result: { failure_reason: 'sandbox_stopped' },
    });
    await untilStatus(id, 'stopped', 30_000);
  }, 180_000);

  it('takes a command that writes 50 MB', async () => {
    const { id } = await fleet.create({ env: modelEnv() });
    const { status } = await work(id, {
      agent,
      prompt: `[[bash cmd="head -c 50000000 /dev/zero | tr '\\\\0' x"]] [[done text=fine]]`,
    });
    expect(status).toBe('succeeded');
  }, 180_000);
});

it('keeps a bounded log of a program that writes 50 MB of lines', async () => {
  const { id } = await fleet.create({ env: modelEnv() });
  await exec(
    id,
    `mkdir -p ~/.local/bin; printf '#!/bin/bash\\nyes "no JSON at all, fifty megabytes of it" | head -c 50000000\\n' > ~/.local/bin/codex; chmod +x ~/.local/bin/codex`,
  );
  const { id: task } = await send(id, { agent: 'codex', prompt: 'x' });
  const { result } = await ended(id, task, 110_000);
  expect(result?.failure_reason).toBe('agent_error');
  const events = await readEvents(id, task);
  expect(events.length).toBeLessThan(50_100);
  expect(
    events.some(({ data }) => String(data['text']).includes('left out')),
  ).toBe(true);
}, 180_000);
