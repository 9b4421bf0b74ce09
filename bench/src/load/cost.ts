import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OwnStack } from '../../../e2e/src/own-stack/own-stack.ts';
import { addSleeping, manyId } from '../../../libs/store/test/many.ts';
import type { Finding, Findings } from './finding.ts';
import type { Options } from './options.ts';
import { cpuBetween, usageOf } from './process-usage.ts';
import { readRedis } from './redis-memory.ts';
import { containerBytes, readSqlite } from './stored-bytes.ts';
import type { Target } from './target.ts';
import { ask, createSandbox, forEach, purge } from './target.ts';

const run = promisify(execFile);
const JOBS = 100;
const AT_ONCE = 8;
const LIMITS = { limits: { memory_mb: 256 } };
/** What a stack does after it began is over by then, and so is what a job leaves to be done. Milliseconds. */
const SETTLE_MS = 4_000;
/** Rows of sandboxes that sleep and have no container, beside those that run. */
const ROWS = [1_000, 10_000];

/** What a job and a sandbox cost, and what the control plane costs while nothing happens, by the number of sandboxes. */
export async function cost(
  target: Target,
  options: Options,
): Promise<Findings> {
  const { api, own } = target;
  if (own === undefined)
    throw new Error(
      'cost looks into the processes: it needs a stack of its own',
    );
  const count = options.n ?? 10;
  const lines: Finding[] = [];
  const figures: Record<string, unknown> = {};
  const empty = await idle(own, options.seconds);
  const before = readSqlite(own.database);
  const ids: string[] = [];
  await forEach(Array.from({ length: count }), 2, async () => {
    ids.push(await createSandbox(api, LIMITS));
  });
  await pause(SETTLE_MS);
  const per = {
    sqliteBytes: (readSqlite(own.database) - before) / count,
    homeBytes: (await bytesOf(join(own.dataDir, 'workspaces'))) / count,
    runBytes: (await bytesOf(join(own.dataDir, 'run'))) / count,
    ...(await containerBytes(own.instance)),
  };
  figures['sandbox'] = per;
  lines.push({
    what: 'a sandbox that was just made',
    measured: `SQLite ${kib(per.sqliteBytes)}, home ${kib(per.homeBytes)}, run directory ${kib(per.runBytes)}, container layer ${kib(per.layerBytes)}, log ${kib(per.logBytes)}`,
  });
  const first = ids[0] ?? '';
  for (const round of ['first', 'second']) {
    const job = await costOfJobs(target, own, first);
    figures[`job, ${round} round`] = job;
    lines.push({
      what: `an exec, ${round} ${JOBS}`,
      measured: `CPU ${inEach(job.cpuMs)} ms, SQLite ${kib(job.sqliteBytes)}, Redis ${job.redisBytes.toFixed(0)} bytes and ${job.redisKeys} keys left in all`,
    });
  }
  const plain = await idle(own, options.seconds);
  figures['idle'] = { empty, plain };
  lines.push(
    { what: 'nothing to do, no sandbox', measured: inEach(empty) },
    { what: `nothing to do, ${count} run`, measured: inEach(plain) },
  );
  let rows = 0;
  for (const wanted of ROWS) {
    addSleeping(own.database, rows, wanted);
    for (; rows < wanted; rows += 1)
      await mkdir(join(own.dataDir, 'workspaces', manyId('S', rows)));
    await pause(SETTLE_MS);
    const spent = await idle(own, options.seconds);
    figures[`idle, ${wanted} rows`] = spent;
    lines.push({
      what: `nothing to do, ${count} run, ${wanted} sleep`,
      measured: inEach(spent),
    });
    const job = await costOfJobs(target, own, first);
    figures[`job, ${wanted} rows`] = job;
    lines.push({
      what: `an exec beside ${wanted} that sleep`,
      measured: `CPU ${inEach(job.cpuMs)} ms`,
    });
  }
  await forEach(ids, 2, (id) => purge(api, id));
  return { lines, figures };
}

/** Of one job each, but for the keys. */
interface JobCost {
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly sqliteBytes: number;
  readonly redisBytes: number;
  readonly redisKeys: number;
}

async function costOfJobs(
  { api }: Target,
  own: OwnStack,
  id: string,
): Promise<JobCost> {
  const [sqlite, redis, usage] = [
    readSqlite(own.database),
    await readRedis(own.redisPort),
    await usageOf(own),
  ];
  await forEach(Array.from({ length: JOBS }), AT_ONCE, async () => {
    await ask(`${api}/sandbox/${id}/exec?wait=60`, 'POST', { cmd: ['true'] });
  });
  const cpuMs = cpuBetween(usage, await usageOf(own));
  await pause(SETTLE_MS);
  const left = await readRedis(own.redisPort);
  return {
    cpuMs: mapped(cpuMs, (ms) => ms / JOBS),
    sqliteBytes: (readSqlite(own.database) - sqlite) / JOBS,
    redisBytes: (left.bytes - redis.bytes) / JOBS,
    redisKeys: left.keys - redis.keys,
  };
}

/** CPU of each process a minute, while nothing is asked. Milliseconds. */
async function idle(
  own: OwnStack,
  seconds: number,
): Promise<Readonly<Record<string, number>>> {
  await pause(SETTLE_MS);
  const before = await usageOf(own);
  await pause(seconds * 1_000);
  const spent = cpuBetween(before, await usageOf(own));
  return mapped(spent, (ms) => (ms * 60) / seconds);
}

function mapped(
  figures: Readonly<Record<string, number>>,
  change: (figure: number) => number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, change(figure)]),
  );
}

const kib = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KiB`;

function inEach(cpuMs: Readonly<Record<string, number>>): string {
  const sum = Object.values(cpuMs).reduce((all, ms) => all + ms, 0);
  const each = Object.entries(cpuMs).map(
    ([name, ms]) => `${name} ${ms.toFixed(1)}`,
  );
  return `${sum.toFixed(1)} (${each.join(', ')})`;
}

/** What a directory takes on the disk. */
async function bytesOf(directory: string): Promise<number> {
  const { stdout } = await run('du', ['-s', '--block-size=1', directory]);
  return Number.parseInt(stdout, 10);
}
