import type { ContainerStats } from './driver.ts';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';
import { mapStats } from './map-stats.ts';

/** One reading without the Engine's second of waiting for a delta. Undefined when missing or not running. */
export async function readStats(
  engine: Engine,
  name: string,
): Promise<ContainerStats | undefined> {
  try {
    return await engine.call(`read the figures of ${name}`, async (signal) => {
      const query = { stream: false, 'one-shot': true, abortSignal: signal };
      const answer: unknown = await engine.docker
        .getContainer(name)
        .stats({ ...query, stream: false });
      return mapStats(answer);
    });
  } catch (error) {
    // 409: it is being removed.
    if (isRefusal(error, 404, 409)) return undefined;
    throw error;
  }
}
