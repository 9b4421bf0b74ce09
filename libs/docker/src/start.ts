import { DomainError } from '@sandboxed/domain';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';
import { inspectContainer } from './inspect.ts';
import { removeById } from './remove.ts';
import { unpauseContainer } from './unpause.ts';

/** Starts the container; a running one is success, a paused one is unpaused, an address in use is told, a container whose network is gone is removed and told. Throws `start_failed` with the Engine's words. */
export async function startContainer(
  engine: Engine,
  name: string,
  seen?: ContainerFacts,
): Promise<'started' | 'address_taken' | 'network_gone'> {
  const found = seen ?? (await inspectContainer(engine, name));
  if (found === undefined)
    throw new DomainError(
      'start_failed',
      `The container ${name} is gone. Starting the sandbox again makes a new one.`,
    );
  if (found.paused) {
    await unpauseContainer(engine, name);
    return 'started';
  }
  if (found.running) return 'started';
  try {
    await engine.call(`start ${name}`, (abortSignal) =>
      engine.docker.getContainer(found.dockerId).start({ abortSignal }),
    );
    return 'started';
  } catch (error) {
    if (isRefusal(error, 304)) return 'started';
    if (isRefusal(error, 403) && /address already in use/i.test(error.words))
      return 'address_taken';
    if (isRefusal(error, 404) && /network \S+ not found/i.test(error.words)) {
      // It would never start again: the Engine looks for the very network that it was made in, whatever has its name now.
      await removeById(engine, found.dockerId, name);
      return 'network_gone';
    }
    if (error instanceof EngineRefusal)
      throw new DomainError(
        'start_failed',
        `The Docker Engine could not start ${name}: ${error.words}`,
        { cause: error },
      );
    throw error;
  }
}
