import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CrashPoint } from '@sandboxed/domain';
import { LEASE_MS } from '@sandboxed/domain';
import Database from 'better-sqlite3';
import type { OwnStack } from '../own-stack/own-stack.ts';
import type { CrashCase, Lane } from './crash-cases.ts';
import { note } from './crash-cases.ts';

/**
 * A job whose worker died is taken again after its lease: until then no other can pass the point that is armed. The last of a wave
 * needs time of its own before that: 3 s on a host that is busy with something else, while all workers come up again.
 */
const WAVE_MS = LEASE_MS - 4_500;
const ENDS_MS = 20_000;

/**
 * Runs the lanes side by side in waves: each case begins and sees its process die at its point, then all of the wave have to
 * end as promised. Answers what went otherwise.
 */
export async function runLanes(
  stack: OwnStack,
  lanes: readonly Lane[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  let next = 0;
  while (lanes.some(({ cases }) => cases.length > 0)) {
    const ends: Promise<string[]>[] = [];
    const beganAt = performance.now();
    for (let tried = 0; tried < lanes.length; tried += 1) {
      if (performance.now() - beganAt > WAVE_MS) break;
      const lane = lanes[next % lanes.length];
      next += 1;
      const crash = lane?.cases.shift();
      if (lane === undefined || crash === undefined) continue;
      const what = `${crash.kind} at ${crash.point}`;
      try {
        const job = await crashAt(stack, crash.point, () => crash.begin(lane));
        ends.push(endOf(stack, lane, crash, job));
      } catch (error) {
        wrong.push(`${what}: ${String(error)}`);
        // The lane's next case builds on this one.
        lane.cases.length = 0;
      }
    }
    wrong.push(...(await Promise.all(ends)).flat());
  }
  return wrong;
}

/** Does `begin`, which makes a process pass the point, and resolves once that process has died of it. */
export async function crashAt<T>(
  stack: OwnStack,
  point: CrashPoint,
  begin: () => Promise<T>,
  withinMs = 10_000,
): Promise<T> {
  await rm(join(stack.crashDir, `${point}.pid`), { force: true });
  await stack.arm(point);
  const answer = await begin();
  await diedAt(stack, point, withinMs);
  return answer;
}

/** Resolves once the process that took the point is dead. Rejects after `withinMs`, and nobody takes it any more. */
export async function diedAt(
  stack: OwnStack,
  point: CrashPoint,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const pid = Number(
      await readFile(join(stack.crashDir, `${point}.pid`), 'utf8').catch(
        () => '0',
      ),
    );
    if (pid > 0 && stack.exits.some((exit) => exit.pid === pid)) return;
    if (performance.now() > deadline) {
      await stack.disarm(point);
      throw new Error(`no process died at ${point}`);
    }
    await pause(10);
  }
}

async function endOf(
  stack: OwnStack,
  lane: Lane,
  { kind, point, claims, status = 'succeeded', code }: CrashCase,
  jobId: string,
): Promise<string[]> {
  const what = `${kind} at ${point}`;
  try {
    const [job] = await Promise.all([
      lane.clients.ended(jobId, ENDS_MS),
      lane.clients.follow(jobId),
    ]);
    note(lane, job);
    const got = { status: job.status, code: job.error?.code };
    const claimed = fenceOf(stack.database, jobId);
    return [
      ...(got.status === status && got.code === code
        ? []
        : [`${what} ended as ${JSON.stringify(got)}`]),
      ...(claimed === claims ? [] : [`${what} was claimed ${claimed} times`]),
    ];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : 'failed'}`];
  }
}

function fenceOf(database: string, jobId: string): number {
  const db = new Database(database, { readonly: true, timeout: 10_000 });
  try {
    return Number(
      db.prepare('SELECT fence FROM jobs WHERE id = ?').pluck().get(jobId),
    );
  } finally {
    db.close();
  }
}
