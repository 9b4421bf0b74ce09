import type { ContainerSpec } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import { limitOptions } from './create-options.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';
import { inspectContainer } from './inspect.ts';

/** Applies limits to a container, running or not; a missing one gets them when it is made. Throws `invalid_request` when the Engine refuses them. */
export async function updateLimits(
  engine: Engine,
  name: string,
  limits: Pick<ContainerSpec, 'memoryBytes' | 'nanoCpus' | 'pids'>,
): Promise<void> {
  const found = await inspectContainer(engine, name);
  if (found === undefined) return;
  try {
    await applyLimits(engine, found.dockerId, limits);
  } catch (error) {
    if (isRefusal(error, 404)) return;
    if (error instanceof EngineRefusal)
      throw new DomainError(
        'invalid_request',
        `The Docker Engine refused the new limits of ${name}: ${error.words}`,
        { cause: error },
      );
    throw error;
  }
}

/** Gives exactly this container its limits. Throws what the Engine says. */
export async function applyLimits(
  engine: Engine,
  dockerId: string,
  limits: Pick<ContainerSpec, 'memoryBytes' | 'nanoCpus' | 'pids'>,
): Promise<void> {
  const options = limitOptions(limits, await engine.host());
  await engine.call(`change the limits of ${dockerId}`, (abortSignal) =>
    engine.docker.getContainer(dockerId).update({ ...options, abortSignal }),
  );
}
