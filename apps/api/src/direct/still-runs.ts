import { setTimeout as pause } from 'node:timers/promises';
import { AgentError } from '@sandboxed/agent';
import type { SandboxId } from '@sandboxed/domain';
import type { JobDeps } from '@sandboxed/jobs';

/** Where workers miss an event of the Engine, they reconcile every 10 s, which takes a moment. */
const ROW_LATE_MS = 12_000;
const LOOK_MS = 200;
/** An agent that runs answers in milliseconds. */
const ANSWER_MS = 1_000;

/**
 * Whether a sandbox still runs, to a process that may not ask the Engine: as its row says. An agent that refuses connections may have
 * gone down with its container before a worker has seen that, so the row is given time: 12 s since it first refused, however often that is
 * asked. After that, or when the signal aborts, it is as the row says.
 */
export function createStillRuns(
  { store, agents }: Pick<JobDeps, 'store' | 'agents'>,
  { rowLateMs = ROW_LATE_MS } = {},
): JobDeps['isRunning'] {
  /** When a sandbox first refused, by `performance.now()`. */
  const refusing = new Map<SandboxId, number>();

  async function refuses(id: SandboxId): Promise<boolean> {
    const limit = AbortSignal.timeout(ANSWER_MS);
    try {
      await agents.client(id).health({ signal: limit });
      return false;
    } catch (error) {
      return (
        !limit.aborted &&
        error instanceof AgentError &&
        error.code === 'agent_unreachable'
      );
    }
  }

  /** What was given its time long ago was about another end of the sandbox. */
  function forgetOld(now: number): void {
    for (const [id, since] of refusing)
      if (now - since > 2 * rowLateMs) refusing.delete(id);
  }

  return async (id, signal) => {
    for (;;) {
      const isUp = store.sandboxes.get(id)?.state === 'running';
      if (!isUp || !(await refuses(id))) {
        refusing.delete(id);
        return isUp;
      }
      const now = performance.now();
      forgetOld(now);
      const since = refusing.get(id) ?? now;
      refusing.set(id, since);
      if (now - since >= rowLateMs || signal?.aborted === true) return true;
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  };
}
