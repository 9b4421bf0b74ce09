import type { SandboxId } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';
import { dropRoute } from './keep-route.ts';
import type { Reconciler } from './reconcile.ts';

/** Events of our own work settle within this time; what is still off then was done behind our back. Milliseconds. */
const SETTLE_MS = 250;
const ACTIONS = new Set(['die', 'start', 'destroy', 'pause', 'oom', 'rename']);

/**
 * Reconciles a sandbox soon after the Engine reports a change of its container. Nobody is led any more to one that died by itself: who
 * asks from then on wakes it. Returns what ends the watch.
 */
export function watchContainers(
  deps: Pick<WorkerDeps, 'store' | 'docker' | 'edge' | 'logger'>,
  reconciler: Pick<Reconciler, 'one'>,
): () => Promise<void> {
  const stop = new AbortController();
  const pending = new Map<SandboxId, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();

  const settled = deps.docker.watch(({ action, sandboxId }) => {
    if (action === 'die') unrouteDead(deps, sandboxId);
    if (!ACTIONS.has(action) || pending.has(sandboxId)) return;
    const timer = setTimeout(() => {
      pending.delete(sandboxId);
      const work = reconciler
        .one(sandboxId)
        .catch((error: unknown) => {
          deps.logger.warn({ err: error, sandboxId }, 'reconcile failed');
        })
        .finally(() => running.delete(work));
      running.add(work);
    }, SETTLE_MS);
    pending.set(sandboxId, timer);
  }, stop.signal);

  return async () => {
    stop.abort();
    for (const timer of pending.values()) clearTimeout(timer);
    await Promise.allSettled([settled, ...running]);
  };
}

function unrouteDead(
  deps: Pick<WorkerDeps, 'store' | 'edge' | 'logger'>,
  id: SandboxId,
): void {
  try {
    // One that a job took down goes without haste: Traefik would read its routes anew just as the job is answered.
    if (deps.store.sandboxes.get(id)?.state === 'running') dropRoute(deps, id);
  } catch (error) {
    // Reconciling does it, too.
    deps.logger.warn({ err: error, sandboxId: id }, 'route not removed');
  }
}
