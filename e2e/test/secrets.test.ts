import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { modelEnv, startModel } from '../src/model.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { marker, markerOf, search } from '../src/secrets/marker.ts';
import type { Place } from '../src/secrets/places.ts';
import { files, placesAtRest, processes } from '../src/secrets/places.ts';
import type { RecordingClient } from '../src/secrets/recording-client.ts';
import { createRecordingClient } from '../src/secrets/recording-client.ts';
import { sendRefused } from '../src/secrets/send-refused.ts';
import { until } from '../src/stack.ts';

/**
 * Plants secrets wherever the API takes some, lives a whole life with them and looks for them everywhere on the host.
 * Allowed to hold them: the memory and environment of the sandbox's own processes; `secret.key`, also in a backup; the
 * environment of the api, which is given its clients' tokens.
 */

const run = promisify(execFile);
const ROOT = join(__dirname, '../..');

const planted = {
  sandbox: marker('env of a sandbox'),
  exec: marker('env of an exec'),
  stdin: marker('stdin of an exec'),
  task: marker('key of a task'),
  service: marker('env of a service'),
  token: marker('token of the API'),
  wrong: marker('token that is none'),
  invalid: marker('value in a call that is refused'),
};
const markers = Object.values(planted);
const keySchema = z.object({ keys: z.array(z.object({ secret: z.base64() })) });

const started = new Date();
let stack: OwnStack;
let client: RecordingClient;
let stopModel: (() => Promise<void>) | undefined;
/** Everything that went to Redis, messages too. */
let monitor: ReturnType<typeof spawn>;
const commands: Buffer[] = [];

beforeAll(async () => {
  stopModel = await startModel();
  stack = await startOwnStack({
    env: { SANDBOXED_LOG_LEVEL: 'debug' },
    apiEnv: {
      SANDBOXD_API_AUTH_DISABLED: 'false',
      SANDBOXD_API_TOKENS: `admin:${planted.token.text}`,
    },
  });
  client = createRecordingClient(stack.api, planted.token.text);
  monitor = spawn('redis-cli', ['-p', String(stack.redisPort), 'MONITOR']);
  monitor.stdout?.on('data', (chunk: Buffer) => commands.push(chunk));
}, 90_000);
afterAll(async () => {
  monitor.kill();
  await stack.close();
  await stopModel?.();
}, 90_000);

/** What is found, each as `<marker> (<form>) in <place>`. */
async function found(
  places: AsyncIterable<Place> | Iterable<Place>,
): Promise<string[]> {
  const all: string[] = [];
  for await (const { name, bytes } of places)
    all.push(...search(markers, bytes).map((what) => `${what} in ${name}`));
  return all;
}

async function everywhere(): Promise<string[]> {
  return [
    ...(await found(placesAtRest(stack, started))),
    ...(await found(client.answers)),
    ...(await found([
      { name: 'redis MONITOR', bytes: Buffer.concat(commands) },
    ])),
  ];
}

/** The keys of the installation are secrets of the test, too, from now on. */
async function watchKeys(): Promise<void> {
  const text = await readFile(join(stack.dataDir, 'secret.key'), 'utf8');
  for (const { secret } of keySchema.parse(JSON.parse(text)).keys)
    markers.push(
      markerOf(`key ${markers.length}`, Buffer.from(secret, 'base64')),
    );
}

const madeSchema = z.object({ secret: z.string(), prefix: z.string() });

/** Makes an API key, whose answer alone may hold it, and calls with it. What it begins with is no secret. */
async function callWithKey(): Promise<void> {
  const made = await fetch(`${stack.api}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${planted.token.text}` },
    body: JSON.stringify({ name: 'planted', scopes: ['read'] }),
  });
  const { secret, prefix } = madeSchema.parse(await made.json());
  const rest = Buffer.from(secret.slice(prefix.length));
  markers.push(markerOf('API key', rest));
  const headers = { authorization: `Bearer ${secret}` };
  const calls = [
    await client.call('GET', '/v1/sandboxes', undefined, headers),
    await client.call('POST', '/sandbox', {}, headers),
  ];
  expect(calls.map(({ status }) => status)).toEqual([200, 403]);
}

async function cli(...args: readonly string[]): Promise<void> {
  const { stdout, stderr } = await run(
    process.execPath,
    [join(ROOT, 'dist/cli.mjs'), ...args],
    { env: { PATH: process.env['PATH'], SANDBOXED_DATA_DIR: stack.dataDir } },
  );
  expect(
    await found([
      { name: args.join(' '), bytes: Buffer.from(stdout + stderr) },
    ]),
  ).toEqual([]);
}

async function ok(method: string, path: string, body?: unknown) {
  const answer = await client.call(method, path, body);
  if (answer.status >= 300)
    throw new Error(
      `${method} ${path} → ${answer.status}: ${JSON.stringify(answer.body)}`,
    );
  return z
    .looseObject({ id: z.string().optional(), job_id: z.string().optional() })
    .parse(answer.body);
}

/** Every way in which a call with secrets is refused. */
async function beRefused(id: string): Promise<void> {
  const value = planted.invalid.text;
  const statuses = await sendRefused(client, id, {
    value,
    wrong: planted.wrong.text,
  });
  expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual(
    [],
  );
  const exec = `/sandbox/${id}/exec`;
  const key = { 'idempotency-key': 'secrets-1' };
  await client.call(
    'POST',
    exec,
    { shell: 'true', env: { K: planted.exec.text } },
    key,
  );
  const other = await client.call(
    'POST',
    exec,
    { shell: 'true', env: { K: value } },
    key,
  );
  expect(other.status).toBe(422);
}

/** A long command of an agent, a service and an exec are under way: now the processes of the host are looked at. */
async function work(id: string): Promise<void> {
  await ok('PUT', `/sandbox/${id}/services/web?wait=60`, {
    command: 'exec sleep 600',
    env: { SERVICE_KEY: planted.service.text },
  });
  const task = await ok('POST', `/v1/sandboxes/${id}/tasks`, {
    agent: 'claude-code',
    prompt: '[[bash cmd="touch at-work; sleep 4"]] [[done text=done]]',
    env: { ANTHROPIC_API_KEY: planted.task.text },
  });
  const exec = await ok('POST', `/sandbox/${id}/exec`, {
    shell: 'test -n "$EXEC_KEY" && cat > /dev/null && touch ready && sleep 600',
    env: { EXEC_KEY: planted.exec.text },
    stdin: planted.stdin.text,
  });
  for (const name of ['ready', 'at-work'])
    await until(`${name} to be there`, 60_000, async () => {
      const { status } = await client.call(
        'GET',
        `/sandbox/${id}/files/content?path=${name}`,
      );
      return status === 200 ? true : undefined;
    });
  expect(await found(processes(stack))).toEqual([]);
  await ok('POST', `/v1/jobs/${exec.job_id}/cancel`);
  await ok('GET', `/v1/jobs/${exec.job_id}?wait=60`);
  expect(
    (await client.call('GET', `/v1/jobs/${task.job_id ?? task.id}?wait=60`))
      .body,
  ).toMatchObject({ status: 'succeeded' });
  for (const job of [exec.job_id, task.job_id ?? task.id])
    await client.call('GET', `/v1/jobs/${job}/events`);
}

/** All that the API tells. */
async function readAll(id: string): Promise<void> {
  for (const path of [
    '/metrics',
    '/v1/system',
    '/v1/audit',
    '/v1/keys',
    '/v1/usage',
    '/v1/tenants',
    '/v1/sandboxes',
    '/v1/jobs',
    `/v1/sandboxes/${id}`,
    `/v1/sandboxes/${id}/services`,
    `/v1/sandboxes/${id}/services/web/logs?tail=50`,
    `/v1/sandboxes/${id}/tasks`,
  ])
    expect([path, (await client.call('GET', path)).status]).toEqual([
      path,
      200,
    ]);
}

it('lets no secret out over a whole life', async () => {
  await watchKeys();
  await callWithKey();
  const { id = '' } = await ok('POST', '/sandbox?wait=60', {
    env: { ...modelEnv(), SANDBOX_KEY: planted.sandbox.text },
  });
  await work(id);
  await beRefused(id);
  await readAll(id);
  await ok('PATCH', `/v1/sandboxes/${id}`, { labels: { a: 'b' } });
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
  await ok('POST', `/v1/sandboxes/${id}/start?wait=60`);
  const secrets = await ok('POST', `/sandbox/${id}/exec?wait=60`, {
    shell: 'test ${#SANDBOX_KEY} = 33',
  });
  expect(secrets).toMatchObject({ exit_code: 0 });
  expect(await everywhere()).toEqual([]);

  const backup = join(dirname(stack.dataDir), 'backup');
  await cli('backup', backup);
  expect(
    await found(files('backup', backup, [join(backup, 'secret.key')])),
  ).toEqual([]);
  await cli('rotate-key');
  await watchKeys();
  await ok('POST', `/v1/sandboxes/${id}/stop?wait=60`, { force: true });
  await ok('POST', `/v1/sandboxes/${id}/start?wait=60`);
  expect(
    await ok('POST', `/sandbox/${id}/exec?wait=60`, {
      shell: 'test ${#SANDBOX_KEY} = 33',
    }),
  ).toMatchObject({ exit_code: 0 });
  await ok('DELETE', `/sandbox/${id}?wait=60`);
  expect(await everywhere()).toEqual([]);
  await ok('POST', `/sandbox/${id}/purge?wait=60`);
  expect(await everywhere()).toEqual([]);
}, 300_000);

// Without this the test above could pass by looking at nothing.
it('is found wherever it is planted', async () => {
  const { text } = planted.invalid;
  const home = dirname(stack.dataDir);
  const base64 = Buffer.from(`x${text}`).toString('base64');
  const redis = (...args: string[]) =>
    run('redis-cli', ['-p', String(stack.redisPort), ...args]);
  const { id = '' } = await ok('POST', '/sandbox?wait=60', {});
  const container = `s-${id.toLowerCase()}`;

  const plants: readonly (readonly [RegExp, () => Promise<unknown>])[] = [
    [
      /plain.* in log .*api\.log/,
      () => appendFile(join(home, 'api.log'), text),
    ],
    [
      /base64\) in log .*worker-1\.log/,
      () => appendFile(join(home, 'worker-1.log'), base64),
    ],
    [/ in redis .*dump\.rdb/, () => redis('HSET', 'planted', 'field', text)],
    [
      / in redis .*appendonly/,
      () => redis('XADD', 'stream', '*', 'field', text),
    ],
    [/ in redis MONITOR/, () => redis('PUBLISH', 'channel', text)],
    [
      / in data .*sandboxed\.sqlite/,
      () => {
        const db = new Database(stack.database);
        db.prepare('UPDATE sandboxes SET name = ? WHERE id = ?').run(text, id);
        db.close();
        return Promise.resolve();
      },
    ],
    [
      / in data .*before-schema/,
      () =>
        writeFile(
          join(dirname(stack.database), 'before-schema-1.sqlite'),
          text,
        ),
    ],
    [
      /hex\) in data .*\/run\//,
      () =>
        writeFile(
          join(stack.dataDir, 'run', id, 'state.json'),
          Buffer.from(text).toString('hex'),
        ),
    ],
    [
      / in data .*\/edge\//,
      () => writeFile(join(stack.dataDir, 'edge', 'planted.txt'), text),
    ],
    [
      / in the name of .*workspaces/,
      () => mkdir(join(stack.dataDir, 'workspaces', id, text)),
    ],
    [
      / in docker (ps|inspect|events)/,
      () =>
        docker(
          'run',
          '--detach',
          '--label',
          `sandboxed.instance=${stack.instance}`,
          '--label',
          `l=${text}`,
          'sandboxed/sandbox:latest',
          'true',
        ),
    ],
    [
      / in arguments of process/,
      () =>
        docker(
          'exec',
          '--detach',
          container,
          'sh',
          '-c',
          `sleep 100; : ${text}`,
        ),
    ],
    [/ in answer 200 to GET/, () => client.call('GET', `/v1/sandboxes/${id}`)],
    [
      / in answer 200 to POST/,
      () =>
        client.call('POST', `/sandbox/${id}/exec?wait=60`, {
          shell: `echo ${text}`,
        }),
    ],
  ];
  for (const [, plant] of plants) await plant();
  const all = (await everywhere()).join('\n');
  for (const [where] of plants) expect(all).toMatch(where);
  await rm(join(stack.dataDir, 'edge', 'planted.txt'));
}, 120_000);
