import { DomainError } from '@sandboxed/domain';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';

/** Waits for a container that ends by itself; false when it has not within `timeoutMs`. A missing or stopped one is down. */
export async function waitDown(
  engine: Engine,
  { dockerId }: ContainerFacts,
  timeoutMs: number,
): Promise<boolean> {
  try {
    await engine.call(
      `wait for the end of ${dockerId}`,
      (abortSignal) =>
        engine.docker
          .getContainer(dockerId)
          .wait({ condition: 'not-running', abortSignal }),
      timeoutMs,
    );
    return true;
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    if (error instanceof DomainError && error.code === 'timed_out')
      return false;
    throw error;
  }
}
