import { DomainError } from '@sandboxed/domain';
import type { Engine } from './engine.ts';
import { EngineRefusal, isRefusal } from './errors.ts';
import { inspectAny, inspectContainer } from './inspect.ts';
import { pause } from './pause.ts';

const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1_000;

/** Removes our container of this name or Docker id by force, with its anonymous volumes. Missing or not ours is success. */
export async function removeContainer(
  engine: Engine,
  name: string,
): Promise<void> {
  const found = await inspectContainer(engine, name);
  if (found !== undefined) await removeById(engine, found.dockerId, name);
}

/**
 * Removes exactly this incarnation and returns when it is gone. A removal that somebody else began is waited for,
 * one that the Engine could not finish (a busy mount) is tried again, both for at most the call time limit.
 * Throws `timed_out` when it is still there then.
 */
export async function removeById(
  engine: Engine,
  dockerId: string,
  name: string,
): Promise<void> {
  const deadline = performance.now() + engine.callTimeoutMs;
  let words = 'no reason given';
  for (
    let wait = FIRST_PAUSE_MS;
    performance.now() < deadline;
    wait = Math.min(wait * 2, LAST_PAUSE_MS)
  ) {
    try {
      await engine.call(`remove ${name}`, (abortSignal) =>
        engine.docker
          .getContainer(dockerId)
          .remove({ force: true, v: true, abortSignal }),
      );
      return;
    } catch (error) {
      if (isRefusal(error, 404)) return;
      if (!(error instanceof EngineRefusal)) throw error;
      words = error.words;
    }
    await pause(wait, engine.closing);
    if ((await inspectAny(engine, dockerId)) === undefined) return;
  }
  throw new DomainError(
    'timed_out',
    `The container ${name} was not removed within ${String(engine.callTimeoutMs)} ms. The Docker Engine says: ${words}`,
  );
}
