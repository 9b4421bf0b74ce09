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
  const options = limitOptions(limits, await engine.host());
  try {
    await engine.call(`change the limits of ${name}`, (abortSignal) =>
      engine.docker
        .getContainer(found.dockerId)
        .update({ ...options, abortSignal }),
    );
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
