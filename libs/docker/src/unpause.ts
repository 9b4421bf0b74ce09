import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';
import { inspectContainer } from './inspect.ts';

/** Lets a paused container go on. One that is missing or not paused is success. */
export async function unpauseContainer(
  engine: Engine,
  name: string,
): Promise<void> {
  const found = await inspectContainer(engine, name);
  if (found?.paused !== true) return;
  try {
    await engine.call(`unpause ${name}`, (abortSignal) =>
      engine.docker.getContainer(found.dockerId).unpause({ abortSignal }),
    );
  } catch (error) {
    if (isRefusal(error, 304, 404)) return;
    // Somebody else was faster; Engines differ in the status they give for it.
    if (error instanceof EngineRefusal && /not paused/i.test(error.words))
      return;
    throw error;
  }
}
