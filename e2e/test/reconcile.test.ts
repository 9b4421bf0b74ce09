import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

/** A round comes every 10 s, one over the data directory every 30 s. */
const ROUND_MS = 25_000;
const LEFTOVERS_MS = 60_000;
/** Ids that no sandbox has. */
const ORPHAN = '01ARZ3NDEKTSV4RRFFQ69G5FA1';
const LEFT = '01ARZ3NDEKTSV4RRFFQ69G5FA2';

const sandboxSchema = z.object({
  id: z.string(),
  status: z.string(),
  status_reason: z.string(),
});

let stack: OwnStack;
beforeAll(async () => {
  stack = await startOwnStack();
}, 120_000);
afterAll(() => stack.close(), 120_000);

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${stack.api}${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(90_000),
  });
  return { status: response.status, body: await response.json() };
}

/** A sandbox that runs, and its container's name. */
async function created(): Promise<{ id: string; name: string }> {
  const { body } = await call('POST', '/sandbox?wait=60', {});
  const { id } = sandboxSchema.parse(body);
  return { id, name: nameOf(id) };
}

const nameOf = (id: string): string => `s-${id.toLowerCase()}`;

async function untilStopped(id: string): Promise<string> {
  return until(`${id} to be stopped`, ROUND_MS, async () => {
    const { body } = await call('GET', `/sandbox/${id}`);
    const { status, status_reason } = sandboxSchema.parse(body);
    return status === 'stopped' ? status_reason : undefined;
  });
}

/** It still does its work: wakes if it sleeps, and runs a command. */
async function expectWorking(id: string): Promise<void> {
  const { body } = await call('POST', `/sandbox/${id}/exec?wait=60`, {
    shell: 'echo works',
  });
  expect(body).toMatchObject({ exit_code: 0, stdout: 'works\n' });
}

/** What the stream of a sandbox tells of findings, once it tells of this one. */
async function untilTold(id: string, kind: string): Promise<void> {
  const stop = AbortSignal.timeout(ROUND_MS);
  const { body } = await fetch(`${stack.api}/sandbox/${id}/events`, {
    signal: stop,
  });
  let text = '';
  for await (const piece of (body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += piece;
    const frame = text
      .split('\n\n')
      .find(
        (each) => each.includes('event: finding') && each.includes(`"${kind}"`),
      );
    if (frame === undefined) continue;
    expect(frame).toContain('"actor":"reconciler"');
    return;
  }
  throw new Error(`the stream ended without ${kind}: ${text}`);
}

/** How often a kind was found. */
async function counted(kind: string): Promise<number> {
  const response = await fetch(`${stack.api}/metrics`);
  const line = new RegExp(
    `^sandboxed_reconcile_findings_total\\{kind="${kind}"\\} (\\d+)$`,
    'm',
  ).exec(await response.text());
  return Number(line?.[1] ?? NaN);
}

const labelsOf = (id: string, generation: string): readonly string[] =>
  Object.entries({
    'sandboxed.managed': 'true',
    'sandboxed.instance': stack.instance,
    'sandboxed.id': id,
    'sandboxed.generation': generation,
  }).flatMap(([key, value]) => ['--label', `${key}=${value}`]);

const found = (id: string): Promise<readonly string[]> =>
  docker('ps', '-aq', '--no-trunc', '--filter', `label=sandboxed.id=${id}`);

describe('a container that somebody', () => {
  it('killed: the sandbox is stopped, says so and wakes', async () => {
    const { id, name } = await created();
    await docker('kill', name);
    expect(await untilStopped(id)).toContain('137');
    expect(await counted('container_exited')).toBeGreaterThan(0);
    await expectWorking(id);
  }, 120_000);

  it('removed: the sandbox is stopped, says so and wakes', async () => {
    const { id, name } = await created();
    await docker('rm', '-f', name);
    expect(await untilStopped(id)).toMatch(/gone|exited/);
    await expectWorking(id);
  }, 120_000);

  it('paused: it goes on, and it is told', async () => {
    const { id, name } = await created();
    await docker('pause', name);
    await untilTold(id, 'container_paused');
    await expectWorking(id);
    expect(await docker('inspect', '-f', '{{.State.Status}}', name)).toEqual([
      'running',
    ]);
  }, 120_000);

  it('renamed: it runs on under its own name, and it is told', async () => {
    const { id, name } = await created();
    const before = await found(id);
    await docker('rename', name, `${name}-other`);
    await untilTold(id, 'container_renamed');
    await expectWorking(id);
    expect(await found(id)).toEqual(before);
    expect(await docker('inspect', '-f', '{{.Name}}', name)).toEqual([
      `/${name}`,
    ]);
  }, 120_000);

  it('restarted: its services are started again, and it is told', async () => {
    const { id, name } = await created();
    await docker('restart', '-t', '5', name);
    await until('it to be told', ROUND_MS, async () => {
      const [restarted, started] = await Promise.all([
        counted('container_restarted'),
        counted('container_started'),
      ]);
      // Whether the row was corrected between die and start depends on how long the Engine took.
      return restarted + started > 0 ? true : undefined;
    });
    await expectWorking(id);
  }, 120_000);

  it('replaced by one of their own: it is removed, and the sandbox wakes in a proper one', async () => {
    const { id, name } = await created();
    const [generation = ''] = await docker(
      ...['inspect', '-f', '{{index .Config.Labels "sandboxed.generation"}}'],
      name,
    );
    await docker('rm', '-f', name);
    const [impostor = ''] = await docker(
      ...['run', '-d', '--name', name, ...labelsOf(id, generation)],
      ...['sandboxed/sandbox:latest', 'sleep', '600'],
    );
    await untilTold(id, 'container_replaced');
    await expectWorking(id);
    expect(await found(id)).not.toContain(impostor);
    expect(await found(id)).toHaveLength(1);
  }, 120_000);
});

it('removes a container that belongs to no sandbox', async () => {
  await docker(
    ...['run', '-d', '--name', nameOf(ORPHAN), ...labelsOf(ORPHAN, '1')],
    ...['sandboxed/sandbox:latest', 'sleep', '600'],
  );
  await until('the orphan to be removed', ROUND_MS, async () =>
    (await found(ORPHAN)).length === 0 ? true : undefined,
  );
  expect(await counted('container_orphan')).toBe(1);
}, 60_000);

it('removes the agent directory of no sandbox, keeps the workspace of none and lets it be purged', async () => {
  const run = join(stack.dataDir, 'run', LEFT, 'agent.log');
  const workspace = join(stack.dataDir, 'workspaces', LEFT, 'note');
  for (const file of [run, workspace]) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'x');
  }
  await until('the leftovers to be found', LEFTOVERS_MS, async () =>
    !existsSync(dirname(run)) && (await counted('workspace_orphan')) === 1
      ? true
      : undefined,
  );
  expect(await counted('run_dir_orphan')).toBe(1);
  expect(existsSync(workspace)).toBe(true);
  const purged = await call('POST', `/sandbox/${LEFT}/purge?wait=60`);
  expect(purged.status).toBe(200);
  expect(existsSync(dirname(workspace))).toBe(false);
}, 120_000);

it('corrects every row at once when its workers come up after a reboot of the host', async () => {
  const { id, name } = await created();
  const workers = stack.workers();
  await Promise.all(workers.map((worker) => worker.down('SIGKILL')));
  // Its schedules, too: what follows is not a tick's doing.
  await stack.child('reaper').down('SIGKILL');
  await stack.emptyRedis();
  await docker('kill', name);
  for (const worker of workers) worker.up();
  expect(await untilStopped(id)).toContain('137');
  stack.child('reaper').up();
  await expectWorking(id);
}, 120_000);
