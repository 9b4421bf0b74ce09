import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';
import type { Inspected } from './map-inspect.ts';
import { mapInspect } from './map-inspect.ts';

/** The container of this name or Docker id, whoever owns it; undefined when there is none. */
export async function inspectAny(
  engine: Engine,
  name: string,
): Promise<Inspected | undefined> {
  try {
    return await engine.call(`inspect ${name}`, async (abortSignal) =>
      mapInspect(
        await engine.docker.getContainer(name).inspect({ abortSignal }),
        engine.instance,
      ),
    );
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

/** The container of this name if it is of this instance; another instance's is as good as missing. */
export async function inspectContainer(
  engine: Engine,
  name: string,
): Promise<ContainerFacts | undefined> {
  return (await inspectAny(engine, name))?.ours;
}
