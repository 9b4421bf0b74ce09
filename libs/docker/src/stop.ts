import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';
import { inspectContainer } from './inspect.ts';
import { unpauseContainer } from './unpause.ts';

/** SIGTERM, SIGKILL after `graceSeconds`, and wait for the end. A missing or stopped container is success. */
export async function stopContainer(
  engine: Engine,
  name: string,
  graceSeconds: number,
  seen?: ContainerFacts,
): Promise<void> {
  const found = seen ?? (await inspectContainer(engine, name));
  if (found?.running !== true) return;
  // A frozen process cannot react to SIGTERM and would always lose its grace period.
  if (found.paused) await unpauseContainer(engine, name);
  try {
    await engine.call(
      `stop ${name}`,
      (abortSignal) =>
        engine.docker
          .getContainer(found.dockerId)
          .stop({ t: graceSeconds, abortSignal }),
      graceSeconds * 1_000 + engine.callTimeoutMs,
    );
  } catch (error) {
    if (isRefusal(error, 304, 404)) return;
    throw error;
  }
}
