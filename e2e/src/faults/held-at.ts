import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CrashPoint } from '@sandboxed/domain';
import type { OwnStack } from '../own-stack/own-stack.ts';

/** Waits until a process is held at a point that was armed with SIGSTOP; answers what lets it go on. Rejects after 10 s. */
export async function heldAt(
  { crashDir }: OwnStack,
  point: CrashPoint,
): Promise<() => void> {
  const file = join(crashDir, `${point}.pid`);
  for (let tries = 0; tries < 500; tries += 1) {
    const pid = await readFile(file, 'utf8').catch(() => '');
    if (pid !== '') {
      await rm(file);
      return () => process.kill(Number(pid), 'SIGCONT');
    }
    await pause(20);
  }
  throw new Error(`nobody is held at ${point}`);
}
