import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CRASH_POINTS } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import { docker } from '../own-stack/docker.ts';
import type { OwnStack } from '../own-stack/own-stack.ts';
import type { Fault, FaultKind } from './fault.ts';
import { nextFault } from './fault.ts';
import type { TortureRecord } from './record.ts';
import { createRandom } from './random.ts';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;
/** What the edge says of a sandbox may be a fault's doing for so long after its container was touched. Milliseconds. */
const TOUCHED_MS = 20_000;
/** The api listens again by then. Milliseconds. */
const API_BACK_MS = 8_000;
const LOOK_MS = 50;

/** Breaks things of one stack, one after the other; what lasts a while goes on beside the next ones. */
export interface Faults {
  /** Until {@link Faults.calm}. */
  rage(): Promise<void>;
  /** Ends what lasts and waits until all is as it should be. */
  calm(): Promise<void>;
  /**
   * Whether the edge could not but answer for itself since then: nobody listened behind its catch-all, or the container was
   * touched behind our back. `since` is of performance.now().
   */
  isExcused(sandboxId: string, since: number): boolean;
  close(): void;
  readonly counts: ReadonlyMap<FaultKind, number>;
  readonly memInfoFile: string;
}

export function createFaults(options: {
  readonly stack: OwnStack;
  readonly record: TortureRecord;
  readonly seed: number;
  readonly memInfoFile: string;
  /** Restarts the Engine; without it nobody does. */
  readonly engineRestart: readonly [string, ...string[]] | undefined;
}): Faults {
  const { stack, record, memInfoFile, engineRestart } = options;
  const random = createRandom(options.seed, 'faults');
  const counts = new Map<FaultKind, number>();
  const lasting = new Set<Promise<void>>();
  /** When something was last done to a sandbox's container behind our back. */
  const touched = new Map<string, number>();
  let apiDownAt = 0;
  let apiPid = stack.child('api').pid();
  const look = setInterval(() => {
    const pid = stack.child('api').pid();
    if (pid === undefined || pid !== apiPid) apiDownAt = performance.now();
    apiPid = pid;
  }, LOOK_MS);
  let over = new AbortController();

  const touch = (sandboxId: string): void => {
    touched.set(sandboxId, performance.now());
  };
  const note = (what: string): void => {
    record.history.add('faults', what);
  };
  const wait = async (ms: number): Promise<void> => {
    await pause(ms, undefined, { signal: over.signal }).catch(() => undefined);
  };
  const last = (work: () => Promise<void>): void => {
    const going = work().finally(() => lasting.delete(going));
    lasting.add(going);
  };

  async function hold(name: string, ms: number): Promise<void> {
    const child = stack.child(name);
    note(`hold ${name} for ${ms} ms`);
    child.signal('SIGSTOP');
    await wait(ms);
    child.signal('SIGCONT');
  }

  async function lockDatabase(ms: number): Promise<void> {
    const db = new Database(stack.database, { timeout: 100 });
    try {
      db.exec('BEGIN IMMEDIATE');
      note(`hold the database for ${ms} ms`);
      await wait(ms);
      db.exec('ROLLBACK');
    } catch {
      note('the database was busy');
    } finally {
      db.close();
    }
  }

  async function memory(ms: number, availableMb: number): Promise<void> {
    note(`${availableMb} MiB of memory for ${ms} ms`);
    const real = await readFile('/proc/meminfo', 'utf8');
    await pretend(
      real.replace(
        /^MemAvailable:.*$/m,
        `MemAvailable:   ${availableMb * 1024} kB`,
      ),
    );
    await wait(ms);
    await pretend(real);
  }

  /** Never half a file: a process that reads it just then would end. */
  async function pretend(memInfo: string): Promise<void> {
    await writeFile(`${memInfoFile}.new`, memInfo);
    await rename(`${memInfoFile}.new`, memInfoFile);
  }

  async function container(fault: Fault): Promise<void> {
    const lines = await docker(
      ...['ps', '--all', '--format', '{{.Names}} {{.State}}'],
      ...['--filter', `label=sandboxed.instance=${stack.instance}`],
      ...['--filter', 'label=sandboxed.id'],
    );
    const [verb, state] = {
      kill: ['kill', 'running'] as const,
      remove: ['rm -f', ''] as const,
      stop: ['stop -t 1', 'running'] as const,
      pause: ['pause', 'running'] as const,
      start: ['start', 'exited'] as const,
    }[fault.kind.slice('container_'.length)] ?? ['inspect', ''];
    const names = lines
      .filter((line) => line.endsWith(state))
      .flatMap((line) => line.split(' ').slice(0, 1))
      .sort();
    const name = names[Math.floor(fault.dice[0] * names.length)];
    if (name === undefined) return;
    const id = name.slice('s-'.length).toUpperCase();
    touch(id);
    const said = await docker(...verb.split(' '), name).then(
      () => '',
      (error: unknown) => ` (${String(error).slice(0, 120)})`,
    );
    touch(id);
    note(`docker ${verb} ${name}${said}`);
    record.history.add(id, `fault: docker ${verb}${said}`);
  }

  async function crashPoint(fault: Fault): Promise<void> {
    if (fault.kind === 'crash_point') {
      note(`armed ${fault.point}`);
      await stack.arm(fault.point);
      return;
    }
    note(`armed ${fault.point} to hold`);
    await stack.arm(fault.point, 'SIGSTOP');
    await wait(2_000 + fault.dice[0] * 15_000);
    await resume(fault.point);
  }

  /** Lets a process that is held at a point go on. */
  async function resume(point: string): Promise<void> {
    await stack.disarm(point);
    const pid = await readFile(join(stack.crashDir, `${point}.pid`), 'utf8')
      .then(Number)
      .catch(() => undefined);
    const ours = [...stack.children.values()].find(
      (child) => child.pid() === pid,
    );
    ours?.signal('SIGCONT');
  }

  async function strike(fault: Fault): Promise<void> {
    const { kind, dice } = fault;
    const workers = stack.workers();
    const worker =
      workers[Math.floor(dice[0] * workers.length)]?.name ?? 'worker-1';
    const kill = async (...names: string[]): Promise<void> => {
      note(`kill ${names.join(', ')}`);
      await Promise.all(names.map((name) => stack.child(name).kill()));
    };
    switch (kind) {
      case 'kill_api':
        await kill('api');
        return;
      case 'kill_worker':
        await kill(worker);
        return;
      case 'kill_reaper':
        await kill('reaper');
        return;
      case 'kill_redis':
        await kill('redis');
        return;
      case 'kill_all':
        await kill(...stack.children.keys());
        return;
      case 'hold_worker':
        last(() => hold(worker, 1_000 + Math.floor(dice[1] * 19_000)));
        return;
      case 'hold_redis':
        last(() => hold('redis', 1_000 + Math.floor(dice[1] * 19_000)));
        return;
      case 'empty_redis':
        note('empty redis');
        await stack.emptyRedis();
        return;
      case 'crash_point':
      case 'hold_point':
        last(() => crashPoint(fault));
        return;
      case 'container_kill':
      case 'container_remove':
      case 'container_stop':
      case 'container_pause':
      case 'container_start':
        await container(fault);
        return;
      case 'lock_database':
        last(() => lockDatabase(1_000 + Math.floor(dice[0] * 6_000)));
        return;
      case 'clock': {
        const offset = Math.floor((dice[0] * 2 - 1) * HOUR_MS);
        note(`clocks are off by ${offset} ms`);
        await stack.shiftClock(offset);
        return;
      }
      case 'memory':
        last(() =>
          memory(
            2_000 + Math.floor(dice[0] * 8_000),
            100 + Math.floor(dice[1] * 3_000),
          ),
        );
        return;
      case 'engine_restart':
        if (engineRestart === undefined) return;
        note('restart the Engine');
        await run(engineRestart[0], engineRestart.slice(1), {
          timeout: 120_000,
        });
        // All containers were restarted, the edge among them.
        for (const id of record.subjects.keys()) touch(id);
        return;
    }
  }

  return {
    counts,
    memInfoFile,
    async rage() {
      over = new AbortController();
      while (!over.signal.aborted) {
        const fault = nextFault(random, engineRestart !== undefined);
        await wait(fault.pauseMs);
        await strike(fault);
        counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
      }
    },
    async calm() {
      over.abort();
      await Promise.all(lasting);
      for (const point of CRASH_POINTS) await resume(point);
      for (const [id, at] of touched)
        if (at < performance.now() - TOUCHED_MS * 10) touched.delete(id);
      for (const child of stack.children.values()) child.signal('SIGCONT');
      await stack.shiftClock(0);
      await pretend(await readFile('/proc/meminfo', 'utf8'));
      note('calm');
    },
    isExcused(sandboxId, since) {
      const touchedAt = touched.get(sandboxId);
      return (
        (touchedAt !== undefined && touchedAt > since - TOUCHED_MS) ||
        apiDownAt > since - API_BACK_MS
      );
    },
    close() {
      clearInterval(look);
    },
  };
}
