import type { Routed, SandboxId } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';
import { isInOtherHands } from './settle-sandbox.ts';

type RouteDeps = Pick<WorkerDeps, 'store' | 'edge'>;

/**
 * Has the edge lead to a sandbox as long as it runs, and no longer: one that ran before this version, or before the preview domain
 * changed, or that died while no worker looked. A sandbox with a lifecycle job is that job's business.
 */
export function keepRoute(deps: RouteDeps, id: SandboxId): void {
  const { store, edge } = deps;
  const before = wanted(deps, id);
  if (before !== undefined && edge.isRouted(...before)) return;
  store.transaction(() => {
    if (isInOtherHands(deps, id)) return;
    const route = wanted(deps, id);
    if (route === undefined) edge.unroute(id);
    else edge.route(...route);
  });
}

/** What leads to a sandbox that runs. */
function wanted(
  { store }: RouteDeps,
  id: SandboxId,
): readonly [Routed, string] | undefined {
  const sandbox = store.sandboxes.get(id);
  const address = store.addresses.of(id);
  return sandbox?.state === 'running' && address !== undefined
    ? [sandbox, address]
    : undefined;
}
