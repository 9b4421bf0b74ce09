import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HostLoad, Result } from './result.ts';
import { quantile } from './statistics.ts';

const run = promisify(execFile);
const WATCH_MS = 1_000;
const SYNCS = 50;
const BLOCK_BYTES = 4_096;

/** Above this much of all cores, while we do nothing, somebody else is at work. */
export const BUSY = 0.2;

/** Looks at the host for a second, while nothing is measured. */
export async function hostLoad(): Promise<HostLoad> {
  const ticks = async (): Promise<{ idle: number; all: number }> => {
    const text = await readFile('/proc/stat', 'utf8');
    const all = (text.split('\n')[0] ?? '')
      .split(/\s+/)
      .slice(1, 9)
      .map(Number);
    return {
      idle: (all[3] ?? 0) + (all[4] ?? 0),
      all: all.reduce((sum, each) => sum + each, 0),
    };
  };
  const before = await ticks();
  await pause(WATCH_MS);
  const after = await ticks();
  return {
    loadAverage: loadavg()[0] ?? 0,
    busy: 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all),
  };
}

/** What a result depends on besides the code. `dataDir` is looked at if it can be written to, else the temporary directory. */
export async function machineFacts(
  dataDir: string,
): Promise<Result['machine']> {
  const output = async (program: string, ...args: string[]) =>
    (
      await run(program, args).catch(() => ({ stdout: 'unknown' }))
    ).stdout.trim();
  const scratch = await mkdtemp(join(dataDir, 'bench-')).catch(() =>
    mkdtemp(join(tmpdir(), 'bench-')),
  );
  try {
    return {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryMb: Math.round(totalmem() / 1_048_576),
      kernel: release(),
      docker: await output(
        'docker',
        'version',
        '--format',
        '{{.Server.Version}}',
      ),
      runc: (await output('runc', '--version')).split('\n')[0] ?? 'unknown',
      node: process.version,
      fileSystem: await output('stat', '-f', '-c', '%T', scratch),
      fdatasyncP50Ms: await fdatasyncP50(scratch),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fdatasyncP50(directory: string): Promise<number> {
  const file = await open(join(directory, 'sync'), 'w');
  try {
    const times: number[] = [];
    for (let index = 0; index < SYNCS; index += 1) {
      await file.write(Buffer.alloc(BLOCK_BYTES, index));
      const beganAt = performance.now();
      await file.datasync();
      times.push(performance.now() - beganAt);
    }
    return quantile(times, 0.5);
  } finally {
    await file.close();
  }
}
