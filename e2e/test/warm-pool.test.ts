import {
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrashPoint } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import { crashAt } from '../src/faults/run-lanes.ts';
import { docker } from '../src/own-stack/docker.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';
import { until } from '../src/stack.ts';

const WANTED = 2;

let home: string;
let memInfoFile: string;
let stack: OwnStack;
let clients: Clients;

/** What the stack reads of the host's memory: as much as there is, or so many percent left. */
async function hostHas(percent?: number): Promise<void> {
  const real = await readFile('/proc/meminfo', 'utf8');
  const totalKb = Number(/^MemTotal:\s+(\d+) kB$/m.exec(real)?.[1]);
  const text =
    percent === undefined
      ? real
      : `MemTotal: ${totalKb} kB\nMemAvailable: ${Math.floor((totalKb * percent) / 100)} kB\n`;
  await writeFile(`${memInfoFile}.new`, text);
  await rename(`${memInfoFile}.new`, memInfoFile);
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'warm-pool-'));
  memInfoFile = join(home, 'meminfo');
  await hostHas();
  stack = await startOwnStack({
    workers: 3,
    env: {
      SANDBOXED_WARM_POOL: String(WANTED),
      SANDBOXED_MEMINFO_FILE: memInfoFile,
    },
  });
  clients = createClients(stack);
}, 60_000);
afterAll(async () => {
  await stack.close();
  await rm(home, { recursive: true, force: true });
}, 60_000);

const memberSchema = z.object({ id: z.string(), state: z.string() });

function members(): readonly z.output<typeof memberSchema>[] {
  const db = new Database(stack.database, { readonly: true, timeout: 10_000 });
  try {
    const rows = db.prepare(
      'SELECT id, state FROM warm_pool ORDER BY ready_at',
    );
    return z.array(memberSchema).parse(rows.all());
  } finally {
    db.close();
  }
}

/** The ids of a pool that has all its members. */
async function full(withinMs = 20_000): Promise<readonly string[]> {
  return until('a full pool', withinMs, () => {
    const all = members();
    const isFull =
      all.length === WANTED && all.every(({ state }) => state === 'ready');
    return Promise.resolve(isFull ? all.map(({ id }) => id) : undefined);
  });
}

/** What the edge answers for a preview. */
function previewStatus(port: number, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${name}.preview.localhost` };
    get({ host: '127.0.0.1', port, headers, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

const containerOf = async (id: string, format: string): Promise<string> =>
  (await docker('inspect', '--format', format, `s-${id.toLowerCase()}`))[0] ??
  '';

async function shell(id: string, command: string): Promise<unknown> {
  const { body } = await clients.call('POST', `/sandbox/${id}/exec?wait=30`, {
    shell: command,
  });
  return z.looseObject({ stdout: z.unknown() }).parse(body).stdout;
}

it('leaves no trace in a container that waits', async () => {
  const [member = ''] = await full();
  const inRun = join(stack.dataDir, 'run', member);
  expect(await readdir(join(inRun, 'processes'))).toEqual([]);
  const app = join(stack.dataDir, 'workspaces', member, 'workspace/app');
  expect(await readdir(app)).toEqual([]);
}, 60_000);

it('makes a sandbox of a container that waited, with the env and the limits that were asked for', async () => {
  const [first = ''] = await full();
  const dockerId = await containerOf(first, '{{.Id}}');
  const id = await clients.create({
    env: { GREETING: 'hello' },
    limits: { memory_mb: 300, cpus: 0.5, pids: 99 },
    template: 'static',
  });
  expect(id).toBe(first);
  expect(await containerOf(id, '{{.Id}}')).toBe(dockerId);
  const limits =
    '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}';
  expect(await containerOf(id, limits)).toBe(`${300 * 1_048_576} 500000000 99`);
  expect(await shell(id, 'echo $GREETING; ls index.html')).toBe(
    'hello\nindex.html\n',
  );
  expect(await full()).not.toContain(id);
}, 60_000);

it('gives each of many creates at once a sandbox of its own, with the pool or without', async () => {
  await full();
  const ids = await Promise.all(
    Array.from({ length: 2 * WANTED + 1 }, () => clients.create()),
  );
  expect(new Set(ids).size).toBe(2 * WANTED + 1);
  await Promise.all(ids.map((id) => clients.mark(id).then(clients.ended)));
  await full();
  expect(await clients.violations()).toEqual([]);
}, 120_000);

it('answers the preview of a member as that of an id that nobody has', async () => {
  const [id = ''] = await full();
  const ask = (who: string) =>
    previewStatus(stack.edgePort, `s-${who.toLowerCase()}-3000`);
  const unknown = await ask('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  expect(unknown).toBe(404);
  expect(await ask(id)).toBe(unknown);
}, 60_000);

it.each([
  ['removed', ['rm', '-f']],
  ['killed', ['kill']],
  ['paused', ['pause']],
] as const)(
  'makes a sandbox all the same when the container that waited was %s',
  async (_what, harm) => {
    const [id = ''] = await full();
    await docker(...harm, `s-${id.toLowerCase()}`);
    const made = await clients.create();
    expect(await shell(made, 'echo here')).toBe('here\n');
    await full(40_000);
  },
  90_000,
);

describe('a worker that is killed', () => {
  it.each([
    'pool.planned',
    'pool.started',
    'pool.ready',
    'pool.container_removed',
    'pool.removed',
    'pool.retired',
  ] as const satisfies readonly CrashPoint[])(
    'at %s leaves a pool that the others look after',
    async (point) => {
      const [id = ''] = await full();
      const isRemoval = ![
        'pool.planned',
        'pool.started',
        'pool.ready',
      ].includes(point);
      await crashAt(stack, point, async () => {
        if (isRemoval) await docker('kill', `s-${id.toLowerCase()}`);
        else await clients.create();
      });
      // What it was making is given up after a minute.
      await full(90_000);
      expect(await clients.violations()).toEqual([]);
    },
    150_000,
  );

  it.each([
    'api.committed',
    'job.claimed',
    'start.admitted',
    'start.gated',
    'start.prepared',
    'start.ensured',
    'start.agent_ready',
    'start.app_started',
    'job.handled',
  ] as const satisfies readonly CrashPoint[])(
    'at %s while a create takes a member ends it as promised',
    async (point) => {
      const [first = ''] = await full();
      const job = await crashAt(stack, point, () =>
        clients.submit('create', undefined, 'POST', '/sandbox', {}),
      );
      expect((await clients.ended(job, 30_000)).status).toBe('succeeded');
      const id = clients.told.jobs.get(job)?.sandboxId ?? '';
      clients.told.sandboxes.set(id, 'created');
      expect(id).toBe(first);
      expect(await shell(id, 'echo here')).toBe('here\n');
    },
    90_000,
  );
});

it('lets the pool go before any sandbox when memory gets short', async () => {
  await full(90_000);
  await hostHas(12);
  await until('a pool that nobody can take from', 20_000, () =>
    Promise.resolve(
      members().every(({ state }) => state === 'leaving') || undefined,
    ),
  );
  const { body } = await clients.call('GET', '/v1/jobs?kind=stop');
  expect(body).toMatchObject({ items: [] });
  await until('an empty pool', 20_000, () =>
    Promise.resolve(members().length === 0 || undefined),
  );
  await hostHas();
}, 180_000);

it('is whole again after every process was killed and Redis was emptied', async () => {
  for (const name of stack.children.keys()) await stack.child(name).kill();
  await stack.emptyRedis();
  await stack.ready();
  await full(120_000);
  expect(await clients.violations()).toEqual([]);
}, 200_000);
