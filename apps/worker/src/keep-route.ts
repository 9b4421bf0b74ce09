import type { Routed, SandboxId } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';
import { isInOtherHands } from './in-other-hands.ts';

type RouteDeps = Pick<WorkerDeps, 'store' | 'edge'>;

/**
 * Has the edge lead to a sandbox whose container was just seen to run: it may have run before this version, or before the preview
 * domain changed. One with a lifecycle job is that job's business.
 */
export function keepRoute(deps: RouteDeps, id: SandboxId): void {
  const { store, edge } = deps;
  const before = wanted(deps, id);
  if (before === undefined || edge.isRouted(...before)) return;
  store.transaction(() => {
    const route = wanted(deps, id);
    if (route !== undefined && !isInOtherHands(deps, id)) edge.route(...route);
  });
}

/** Has the edge lead nobody to a sandbox whose container is down, unless a lifecycle job is at it. */
export function dropRoute(deps: RouteDeps, id: SandboxId): void {
  // Most of those that go are a job's.
  if (isInOtherHands(deps, id)) return;
  deps.store.transaction(() => {
    if (!isInOtherHands(deps, id)) deps.edge.unroute(id);
  });
}

/**
 * What a worker does as it comes up, before the first round of reconciling: the version before may have written no routes, and after a
 * start of the host those that are there lead to containers that are down.
 */
export async function keepRoutes(
  deps: RouteDeps & Pick<WorkerDeps, 'docker' | 'logger'>,
): Promise<void> {
  const containers = await deps.docker.list();
  const up = new Set(
    containers.filter(({ running }) => running).map((each) => each.sandboxId),
  );
  for (const { id, state } of deps.store.sandboxes.outlines())
    try {
      if (up.has(id)) keepRoute(deps, id);
      else if (state === 'running') dropRoute(deps, id);
    } catch (error) {
      deps.logger.warn({ err: error, sandboxId: id }, 'route not kept');
    }
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
