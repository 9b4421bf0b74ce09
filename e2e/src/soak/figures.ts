import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { z } from 'zod';
import { docker } from '../own-stack/docker.ts';
import type { OwnStack } from '../own-stack/own-stack.ts';

const run = promisify(execFile);

/** Figures by name; memory in KiB, sizes of files in bytes, all else counted. */
export type Figures = Readonly<Record<string, number>>;

const figuresSchema = z.record(z.string(), z.number());

/** All that could grow in a stack and in its sandboxes. */
export async function readFigures(
  stack: OwnStack,
  sandboxes: readonly string[],
): Promise<Figures> {
  const parts: Figures[] = [];
  for (const { name, pid } of [
    ...[...stack.children.values()].map((child) => ({
      name: child.name,
      pid: child.pid(),
    })),
    { name: 'edge', pid: await mainProcess(`${stack.instance}-edge`) },
  ])
    if (pid !== undefined) parts.push(named(name, await ofProcess(pid)));
  for (const [at, id] of sandboxes.entries())
    parts.push(named(`sandbox-${at}`, await ofSandbox(stack, id)));
  parts.push(
    named('redis', await ofRedis(stack.redisPort)),
    named('database', await ofDatabase(stack.database)),
    named('files', await ofFiles(stack.dataDir)),
    {
      containers: (
        await docker(
          ...['ps', '-aq', '--filter'],
          `label=sandboxed.instance=${stack.instance}`,
        )
      ).length,
    },
  );
  return figuresSchema.parse(Object.assign({}, ...parts));
}

function named(name: string, figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [`${name} ${key}`, value]),
  );
}

async function ofProcess(pid: number): Promise<Figures> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const number = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
  const open = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(
    // One that was closed meanwhile counts as a handle still.
    open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  return {
    'memory KiB': number('RssAnon'),
    handles: open.length,
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
    threads: number('Threads'),
  };
}

async function mainProcess(container: string): Promise<number> {
  const [pid] = await docker(
    ...['inspect', '--format', '{{.State.Pid}}', container],
  );
  return z.coerce.number().positive().parse(pid);
}

async function ofSandbox(stack: OwnStack, id: string): Promise<Figures> {
  const init = await mainProcess(`s-${id.toLowerCase()}`);
  const children = await readFile(
    `/proc/${init}/task/${init}/children`,
    'utf8',
  );
  const agent = z.coerce.number().positive().parse(children.split(' ')[0]);
  const inside = await readFile(
    `/proc/${agent}/task/${agent}/children`,
    'utf8',
  );
  const directory = join(stack.dataDir, 'run', id);
  return {
    ...named('agent', await ofProcess(agent)),
    'agent children':
      inside.trim() === '' ? 0 : inside.trim().split(' ').length,
    'run files': (await readdir(directory, { recursive: true })).length,
  };
}

async function ofRedis(port: number): Promise<Figures> {
  const ask = async (...args: readonly string[]): Promise<string> =>
    (await run('redis-cli', ['-p', String(port), ...args])).stdout.trim();
  const info = await ask('info');
  const number = (name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? NaN);
  const clients = await ask('client', 'list');
  const keys = (await ask('--scan')).split('\n');
  const streams = keys.filter((key) => key.endsWith(':events'));
  const lengths: number[] = [];
  for (const key of streams) lengths.push(Number(await ask('xlen', key)));
  return {
    keys: keys.length,
    'used KiB': Math.round(number('used_memory') / 1_024),
    clients: number('connected_clients'),
    'output buffers': [...clients.matchAll(/\bomem=(\d+)/g)].reduce(
      (sum, [, bytes]) => sum + Number(bytes),
      0,
    ),
    'longest stream': Math.max(0, ...lengths),
  };
}

const TABLES = [
  'sandboxes',
  'jobs',
  'events',
  'services',
  'idempotency',
  'samples',
  'workers',
  'agent_sessions',
];

const AUDIT_BYTES = `SELECT SUM(pgsize) AS n FROM dbstat WHERE name GLOB 'audit*'`;

/** Rows by table, and bytes in use and on disk. */
async function ofDatabase(path: string): Promise<Figures> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const pragma = (name: string) =>
      Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {}).at(0));
    const rows = TABLES.map((table) => [
      table,
      Number(db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()?.['n']),
    ]);
    return {
      ...figuresSchema.parse(Object.fromEntries(rows)),
      // The audit log has bounds of its own, far above what a soak writes.
      bytes:
        (pragma('page_count') - pragma('freelist_count')) *
          pragma('page_size') -
        Number(db.prepare(AUDIT_BYTES).get()?.['n']),
      'file bytes': (await stat(path)).size,
      'log bytes': (await stat(`${path}-wal`)).size,
    };
  } finally {
    db.close();
  }
}

/** Entries of the data directory's own folders. */
async function ofFiles(dataDir: string): Promise<Figures> {
  const counts: Record<string, number> = {};
  for (const folder of ['agent', 'edge', 'run', 'trash', 'workspaces'])
    counts[folder] = (
      await readdir(join(dataDir, folder)).catch(() => [])
    ).length;
  return counts;
}
