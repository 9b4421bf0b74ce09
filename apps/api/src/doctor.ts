import { statfs } from 'node:fs/promises';
import type { DiskFacts, Warning } from '@sandboxed/domain';
import { diagnose } from '@sandboxed/domain';
import type { ApiDeps } from './http/route.ts';

const MIB = 1_048_576;

/** What this process and the workers know of the installation, as warnings; the worst first. */
export async function doctorWarnings({
  store,
  config,
  now,
}: Pick<ApiDeps, 'store' | 'config' | 'now'>): Promise<readonly Warning[]> {
  const at = now();
  const heard = [...store.workers.heardAt().values()];
  return diagnose({
    engine:
      store.workers.live(at).find(({ engine }) => engine !== null)?.engine ??
      undefined,
    isOpen: config.SANDBOXD_API_AUTH_DISABLED,
    disk: await diskFacts(config.SANDBOXED_DATA_DIR),
    diskMode: undefined,
    bridgeNetfilter: undefined,
    isClockKept: undefined,
    recordsAheadMs: Math.max(0, ...heard.map((time) => time - at)),
  });
}

async function diskFacts(dataDir: string): Promise<DiskFacts> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(dataDir);
  return {
    freeMb: (bavail * bsize) / MIB,
    totalMb: (blocks * bsize) / MIB,
    freeInodes: files === 0 ? 1 : ffree / files,
  };
}
