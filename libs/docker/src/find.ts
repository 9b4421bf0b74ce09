import type { SandboxId } from '@sandboxed/domain';
import { containerName, LABEL_ID } from '@sandboxed/domain';
import type { FoundContainers } from './driver.ts';
import type { Engine } from './engine.ts';
import { inspectAny } from './inspect.ts';
import { listByLabels } from './list.ts';

/** All containers of one sandbox by their labels, whatever their names, and whether a container that is not ours has its name. */
export async function findContainers(
  engine: Engine,
  id: SandboxId,
): Promise<FoundContainers> {
  const containers = await listByLabels(engine, [`${LABEL_ID}=${id}`]);
  const named = await inspectAny(engine, containerName(id));
  return {
    containers,
    nameTaken: named !== undefined && named.ours?.sandboxId !== id,
  };
}
