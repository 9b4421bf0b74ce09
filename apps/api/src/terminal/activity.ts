import type { SandboxId } from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';

/** What is typed and shown is written down no more often. Milliseconds. */
const TOUCH_MS = 15_000;
/** Of the time after which the sandbox counts as idle: what is not written down yet is at most so much of it. */
const SHARE = 1 / 3;

/** Keeps a sandbox awake while this is called: at each key that is typed, and each piece that is shown. */
export function createActivity(
  deps: Pick<ApiDeps, 'store' | 'now' | 'logger'>,
  id: SandboxId,
  clock: () => number = () => performance.now(),
): () => void {
  let due = -Infinity;
  return () => {
    const at = clock();
    if (at < due) return;
    due = at + TOUCH_MS;
    try {
      const idleMs =
        (deps.store.sandboxes.get(id)?.idle_timeout_seconds ?? 0) * 1_000;
      due = at + Math.min(TOUCH_MS, idleMs * SHARE);
      deps.store.sandboxes.touch(id, deps.now());
    } catch (error) {
      // Who types goes on: a database that is held for a moment is asked again.
      deps.logger.warn({ err: error }, 'the use of a terminal was not noted');
    }
  };
}
