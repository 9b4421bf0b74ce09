import type { Warning } from '@sandboxed/domain';
import { diagnose } from '@sandboxed/domain';
import { readDiskSpace } from '@sandboxed/runtime';
import { isOpen } from './access-config.ts';
import type { ApiDeps } from './http/route.ts';

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
    isOpen: isOpen(config),
    hasKeys: store.apiKeys.countActive(at) > 0,
    disk: await readDiskSpace(config.SANDBOXED_DATA_DIR),
    bridgeNetfilter: undefined,
    isClockKept: undefined,
    recordsAheadMs: Math.max(0, ...heard.map((time) => time - at)),
  });
}
