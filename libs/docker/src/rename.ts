import { DomainError } from '@sandboxed/domain';
import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';

/** Gives exactly this container another name. One that is missing, or has the name already, is success. Throws `container_conflict` when another has it. */
export async function renameContainer(
  engine: Engine,
  dockerId: string,
  name: string,
): Promise<void> {
  try {
    await engine.call(`rename a container to ${name}`, (abortSignal) =>
      engine.docker.getContainer(dockerId).rename({ name, abortSignal }),
    );
  } catch (error) {
    if (isRefusal(error, 404)) return;
    if (error instanceof EngineRefusal && /same name/i.test(error.words))
      return;
    if (isRefusal(error, 409))
      throw new DomainError(
        'container_conflict',
        `The container ${dockerId.slice(0, 12)} cannot be called ${name}: ${error.words}`,
        { cause: error },
      );
    throw error;
  }
}
