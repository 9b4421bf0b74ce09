import { LABEL_INSTANCE, LABEL_MANAGED } from '@sandboxed/domain';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { inspectContainer } from './inspect.ts';
import { mapList } from './map-inspect.ts';

/** Inspect calls at once: enough to hide latency, too few to hold up the Engine. */
const PARALLEL_INSPECTS = 8;

/** Every container of this instance, running or not. Only those that do not run cost a call each. */
export function listContainers(
  engine: Engine,
): Promise<readonly ContainerFacts[]> {
  return listByLabels(engine, []);
}

/** Those of them that carry further labels, each as `name=value`. */
export async function listByLabels(
  engine: Engine,
  labels: readonly string[],
): Promise<readonly ContainerFacts[]> {
  const summaries = await engine.call('list containers', async (abortSignal) =>
    mapList(
      await engine.docker.listContainers({
        all: true,
        filters: {
          label: [
            `${LABEL_MANAGED}=true`,
            `${LABEL_INSTANCE}=${engine.instance}`,
            ...labels,
          ],
        },
        abortSignal,
      }),
      engine.instance,
    ),
  );
  const found: ContainerFacts[] = [];
  for (let at = 0; at < summaries.length; at += PARALLEL_INSPECTS) {
    const batch = await Promise.all(
      summaries
        .slice(at, at + PARALLEL_INSPECTS)
        .map(
          async ({ dockerId, facts }) =>
            facts ?? inspectContainer(engine, dockerId),
        ),
    );
    // One that vanished between list and inspect is not there.
    found.push(...batch.filter((facts) => facts !== undefined));
  }
  return found;
}
