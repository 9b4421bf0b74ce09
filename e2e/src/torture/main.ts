import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startOwnStack } from '../own-stack/own-stack.ts';
import { createRestCheck } from './at-rest.ts';
import { createClient } from './clients.ts';
import { createFaults } from './faults.ts';
import { SLOTS } from './operation.ts';
import { HELP, readOptions } from './options.ts';
import type { Options } from './options.ts';
import { createProcessLogs } from './process-logs.ts';
import type { Subject, TortureRecord } from './record.ts';
import { createRecord } from './record.ts';
import { background, report, total } from './report.ts';
import type { Session } from './session.ts';

const STORM_MS = 30_000;
const LINE_MS = 10_000;

/** Answers whether nothing was violated. */
async function torture(options: Options, stop: AbortSignal): Promise<boolean> {
  const scratch = await mkdtemp(join(tmpdir(), 'torture-'));
  const memInfoFile = join(scratch, 'meminfo');
  await writeFile(memInfoFile, await readFile('/proc/meminfo', 'utf8'));
  const stack = await startOwnStack({
    workers: options.workers,
    env: { SANDBOXED_MEMINFO_FILE: memInfoFile },
  });
  const record: TortureRecord = createRecord((sentence) => {
    console.log(
      [`✗ ${sentence}`, ...background(stack, record, sentence)].join('\n'),
    );
  });
  const faults = createFaults({
    ...{ stack, record, seed: options.seed, memInfoFile },
    engineRestart: options['engine-restarts']
      ? [join(import.meta.dirname, '../../../scripts/engine.sh'), 'restart']
      : undefined,
  });
  const logs = createProcessLogs(stack);
  const atRest = createRestCheck(stack, record);
  const slots: (Subject | undefined)[] = Array.from({ length: SLOTS });
  let storm = new AbortController();
  const session: Session = {
    ...{ stack, record, slots },
    isExcused: faults.isExcused,
    isQuiet: () => storm.signal.aborted,
  };
  const clients = Array.from({ length: options.clients }, (_, index) =>
    createClient(session, options.seed, `c${index + 1}`),
  );
  const beganAt = performance.now();
  const passedMs = (): number => performance.now() - beganAt;
  const isStopped = (): boolean => stop.aborted;
  const faultCount = (): number =>
    [...faults.counts.values()].reduce((sum, count) => sum + count, 0);
  const line = setInterval(() => {
    console.log(
      `${Math.round(passedMs() / 1_000)} s: ${total(record, ' (job)', false)} requests, ${total(record, ' (job)', true)} accepted, ${faultCount()} faults, ${record.violations.length} violations`,
    );
  }, LINE_MS);
  let quietPoints = 0;
  let longestQuietMs = 0;
  try {
    while (passedMs() < options.minutes * 60_000 && !isStopped()) {
      storm = new AbortController();
      const { signal } = storm;
      // One that fails ends the storm: that is an error of ours.
      const work = Promise.allSettled(
        [
          faults.rage,
          ...clients.map((client) => async () => {
            while (!signal.aborted) await client.step();
          }),
        ].map((each) =>
          each().catch((error: unknown) => {
            storm.abort();
            throw error;
          }),
        ),
      );
      const restMs = options.minutes * 60_000 - passedMs();
      await pause(Math.min(STORM_MS, restMs), undefined, {
        signal: AbortSignal.any([stop, signal]),
      }).catch(() => undefined);
      storm.abort();
      await faults.calm();
      // The processes heard of it as well, and go by themselves.
      if (isStopped()) break;
      for (const each of await work)
        if (each.status === 'rejected') throw each.reason;
      await faults.calm();
      const quietAt = performance.now();
      await atRest(slots, logs);
      quietPoints += 1;
      longestQuietMs = Math.max(longestQuietMs, performance.now() - quietAt);
    }
  } finally {
    clearInterval(line);
    faults.close();
    console.log(
      await report(stack, record, {
        ...{ options, quietPoints, longestQuietMs, faults: faults.counts },
        ...{ minutes: passedMs() / 60_000, errors: logs.errors },
      }),
    );
    const failed = record.violations.length > 0;
    if (failed)
      console.log(`Data and logs are kept in ${dirname(stack.dataDir)}.`);
    await stack.close({ keepFiles: failed });
    await rm(scratch, { recursive: true, force: true });
  }
  return record.violations.length === 0;
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.log(HELP);
else {
  console.log(`seed ${options.seed}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  process.exitCode = (await torture(options, stop.signal)) ? 0 : 1;
}
