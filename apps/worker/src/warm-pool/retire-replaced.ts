import type { WorkerDeps } from '../context.ts';

/**
 * Takes members out of the pool whose image was replaced under its name, as an upgrade does: the name, by which they are matched with
 * what a create wants, is still the same. For the start of a worker; later ones go with their age.
 */
export async function retireReplaced(
  { store, docker }: Pick<WorkerDeps, 'store' | 'docker'>,
  image: string,
): Promise<void> {
  const members = new Set(store.warmPool.all().map(({ id }) => id));
  if (members.size === 0) return;
  const replaced = (await docker.list())
    .filter((one) => members.has(one.sandboxId))
    .filter((one) => one.image !== undefined && one.image !== image)
    .map(({ sandboxId }) => sandboxId);
  // One that a create has taken meanwhile is not a member any more, and stays.
  store.warmPool.retire(replaced);
}
