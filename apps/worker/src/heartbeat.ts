import { utimes, writeFile } from 'node:fs/promises';
import type { EngineFacts } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';

const BEAT_MS = 5_000;
/** Facts of the Engine are asked for once in so many beats. */
const FACTS_BEATS = 12;

/**
 * Tells the api every 5 s that this worker lives, whether it sees the Engine and how long its jobs took, and touches `healthFile` (empty for none) each
 * time that it was told. Returns what ends it.
 */
export function startHeartbeat(
  deps: WorkerDeps,
  workerId: string,
  healthFile: string,
): () => void {
  const { store, docker, host, figures, now, logger } = deps;
  let engine: EngineFacts | null = null;
  let beats = 0;
  let busy = false;
  let isOver = false;
  const beat = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const seen = await docker.version().then(
        (version) => ({ dockerOk: true, dockerVersion: version, message: '' }),
        (error: unknown) => ({
          dockerOk: false,
          dockerVersion: '',
          message: error instanceof Error ? error.message : String(error),
        }),
      );
      if (!seen.dockerOk) {
        // It may come back as another version.
        engine = null;
        beats = 0;
      } else {
        if (beats % FACTS_BEATS === 0)
          engine = await docker.facts(now).catch((error: unknown) => {
            logger.warn({ err: error }, 'the Engine does not describe itself');
            return null;
          });
        beats += 1;
      }
      // A worker that went away meanwhile is not dead: it is to be missed by nobody.
      if (isOver) return;
      figures.handOver((measured) => {
        store.transaction(() => {
          store.workers.heartbeat({ id: workerId, at: now(), ...seen, engine });
          store.jobFigures.add(measured);
        });
      });
      // Says that a worker still makes containers with this agent: another worker removes what is unused.
      const time = new Date(now());
      await utimes(host.agentDir, time, time);
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
    figures.handOver((measured) => {
      store.transaction(() => {
        store.workers.remove(workerId);
        store.jobFigures.add(measured);
      });
    });
  };
}
