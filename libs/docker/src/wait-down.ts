import { DomainError } from '@sandboxed/domain';
import { z } from 'zod';
import type { ContainerFacts } from './driver.ts';
import type { Engine } from './engine.ts';
import { isRefusal } from './errors.ts';

const ended = z.object({
  StatusCode: z.int().min(0),
  Error: z.null().optional(),
});

/** Waits for a container that ends by itself; false when it has not within `timeoutMs`. A missing or stopped one is down. */
export async function waitDown(
  engine: Engine,
  { dockerId }: ContainerFacts,
  timeoutMs: number,
): Promise<boolean> {
  try {
    const answer: unknown = await engine.call(
      `wait for the end of ${dockerId}`,
      (abortSignal) =>
        engine.docker
          .getContainer(dockerId)
          .wait({ condition: 'not-running', abortSignal }),
      timeoutMs,
    );
    // The Engine begins to answer before it knows; of a wait that it gave up it says -1, or nothing.
    return ended.safeParse(answer).success;
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    if (error instanceof DomainError && error.code === 'timed_out')
      return false;
    throw error;
  }
}
