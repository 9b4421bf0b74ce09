import { LABEL_INSTANCE, LABEL_MANAGED } from '@sandboxed/domain';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { inspectContainer } from './inspect.ts';
import { mapList } from './map-inspect.ts';

/** Inspect calls at once: enough to hide latency, too few to hold up the Engine. */
const PARALLEL_INSPECTS = 8;

/** Every container of this instance, running or not, as one call tells of them: not how one ended that does not run. */
export function listContainers(
  engine: Engine,
): Promise<readonly ContainerFacts[]> {
  return summaries(engine, []);
}

/** Those of them that carry further labels, each as `name=value`, with all that there is to know. Those that do not run cost a call each. */
export async function listByLabels(
  engine: Engine,
  labels: readonly string[],
): Promise<readonly ContainerFacts[]> {
  const listed = await summaries(engine, labels);
  const found: ContainerFacts[] = [];
  for (let at = 0; at < listed.length; at += PARALLEL_INSPECTS) {
    const batch = await Promise.all(
      listed
        .slice(at, at + PARALLEL_INSPECTS)
        .map(async (facts) =>
          facts.exitCode === undefined
            ? inspectContainer(engine, facts.dockerId)
            : facts,
        ),
    );
    // One that vanished between list and inspect is not there.
    found.push(...batch.filter((facts) => facts !== undefined));
  }
  return found;
}

function summaries(
  engine: Engine,
  labels: readonly string[],
): Promise<readonly ContainerFacts[]> {
  return engine.call('list containers', async (abortSignal) =>
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
}
