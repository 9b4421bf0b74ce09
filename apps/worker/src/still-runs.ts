import { setTimeout as pause } from 'node:timers/promises';
import type { DockerDriver } from '@sandboxed/docker';
import type { ErrorCode } from '@sandboxed/domain';
import { containerName, DomainError } from '@sandboxed/domain';
import type { JobDeps } from '@sandboxed/jobs';

/** A restart of the Engine takes less. */
const ENGINE_AWAY_MS = 60_000;
const LOOK_MS = 500;
/** What the driver throws meanwhile: it refuses connections, or takes them and says nothing. */
const AWAY: readonly ErrorCode[] = ['docker_unavailable', 'timed_out'];

/**
 * Whether a sandbox's container runs, as the Engine says. An Engine that restarts ends containers and cannot say so until it is back, so
 * it is given a minute. Throws `docker_unavailable` after that, and the signal's reason when it aborts.
 */
export function createStillRuns(
  docker: Pick<DockerDriver, 'inspect'>,
  { engineAwayMs = ENGINE_AWAY_MS } = {},
): JobDeps['isRunning'] {
  return async (id, signal) => {
    const until = performance.now() + engineAwayMs;
    for (;;) {
      try {
        return (await docker.inspect(containerName(id)))?.running === true;
      } catch (error) {
        if (
          !(error instanceof DomainError) ||
          !AWAY.includes(error.code) ||
          performance.now() >= until
        )
          throw error;
      }
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
      signal?.throwIfAborted();
    }
  };
}
