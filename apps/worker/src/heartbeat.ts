import { utimes, writeFile } from 'node:fs/promises';
import type { WorkerDeps } from './context.ts';

const BEAT_MS = 5_000;

/**
 * Tells the api every 5 s that this worker lives and whether it sees the Engine, and touches `healthFile` (empty for none) each
 * time that it was told. Returns what ends it.
 */
export function startHeartbeat(
  deps: WorkerDeps,
  workerId: string,
  healthFile: string,
): () => void {
  const { store, docker, host, now, logger } = deps;
  let busy = false;
  let isOver = false;
  const beat = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const engine = await docker.version().then(
        (version) => ({ dockerOk: true, dockerVersion: version, message: '' }),
        (error: unknown) => ({
          dockerOk: false,
          dockerVersion: '',
          message: error instanceof Error ? error.message : String(error),
        }),
      );
      // A worker that went away meanwhile is not dead: it is to be missed by nobody.
      if (isOver) return;
      store.workers.heartbeat({ id: workerId, at: now(), ...engine });
      // Says that a worker still makes containers with this agent: another worker removes what is unused.
      const seen = new Date(now());
      await utimes(host.agentDir, seen, seen);
      if (healthFile !== '') await writeFile(healthFile, String(now()));
    } catch (error) {
      logger.error({ err: error }, 'heartbeat failed');
    } finally {
      busy = false;
    }
  };
  void beat();
  const timer = setInterval(() => void beat(), BEAT_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
    store.workers.remove(workerId);
  };
}
