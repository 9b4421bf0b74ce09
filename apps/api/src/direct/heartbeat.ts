import type { JobDeps } from '@sandboxed/jobs';

const BEAT_MS = 5_000;

/**
 * Tells every 5 s that the process which holds jobs under this id lives, and how long they took. It is no worker: it takes nothing
 * from the queue. Returns what ends it.
 */
export function startHeartbeat(
  {
    store,
    figures,
    now,
    logger,
  }: Pick<JobDeps, 'store' | 'figures' | 'now' | 'logger'>,
  id: string,
): () => void {
  const tell = (say: () => void): void => {
    try {
      figures.handOver((measured) => {
        store.transaction(() => {
          say();
          store.jobFigures.add(measured);
        });
      });
    } catch (error) {
      logger.error({ err: error }, 'heartbeat failed');
    }
  };
  const beat = (): void => {
    tell(() => {
      store.workers.beat(id, now());
    });
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  return () => {
    clearInterval(timer);
    tell(() => {
      store.workers.remove(id);
    });
  };
}
