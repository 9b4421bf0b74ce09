import type { AgentClient } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';

/** A stream that is silent for this long is asked about, and one question may take this long. */
const PROBE_EVERY_MS = 15_000;
const PROBE_MS = 5_000;
/** An agent that answers no question for this long is given up: many of them, on a host that is busy. */
const UNANSWERED_MS = 60_000;

/** Ends the wait for a process, whatever the agent that runs it does: the agent belongs to the tenant. */
export interface Watchdog {
  /** Aborts with `timed_out` or `agent_unreachable`. */
  readonly signal: AbortSignal;
  /** The agent has just said something. */
  heard(): void;
  stop(): void;
}

/** `limitMs`: how long the process is waited for in all. The other times are for tests. */
export function startWatchdog(
  agent: Pick<AgentClient, 'health'>,
  limitMs: number,
  { probeEveryMs = PROBE_EVERY_MS, unansweredMs = UNANSWERED_MS } = {},
): Watchdog {
  const controller = new AbortController();
  let heardAt = performance.now();
  const limit = setTimeout(() => {
    controller.abort(
      new DomainError(
        'timed_out',
        'The sandbox did not end the command at its timeout.',
      ),
    );
  }, limitMs);
  let probe = setTimeout(ask, probeEveryMs);

  function ask(): void {
    void answers().then((alive) => {
      if (controller.signal.aborted) return;
      if (alive) heardAt = performance.now();
      if (performance.now() - heardAt < unansweredMs)
        probe = setTimeout(ask, probeEveryMs);
      else
        controller.abort(
          new DomainError(
            'agent_unreachable',
            'The sandbox does not answer any more. It may be out of memory or stopping; try again.',
          ),
        );
    });
  }

  async function answers(): Promise<boolean> {
    if (performance.now() - heardAt < probeEveryMs) return true;
    try {
      await agent.health({
        signal: AbortSignal.any([
          controller.signal,
          AbortSignal.timeout(PROBE_MS),
        ]),
      });
      return true;
    } catch {
      return false;
    }
  }

  return {
    signal: controller.signal,
    heard() {
      heardAt = performance.now();
    },
    stop() {
      clearTimeout(limit);
      clearTimeout(probe);
      // A reason of its own: one that is left out becomes an error, which costs its trace.
      controller.abort('stopped');
    },
  };
}
