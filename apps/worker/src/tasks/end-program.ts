import type { AgentClient, AgentSignal } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';

/** Claude Code says how far it came when it is interrupted; then the others of its group, then everything it started. */
const STEPS: readonly (readonly [AgentSignal, number])[] = [
  ['SIGINT', 0],
  ['SIGTERM', 2_000],
  ['SIGKILL', 5_000],
];
/** What is not told to have ended by then belongs to an agent that does not tell. */
const GIVE_UP_MS = 7_000;

/** Ends a program once, whatever asks for it; the first cause stays. */
export interface ProgramEnd<Cause extends string> {
  readonly cause: Cause | undefined;
  /** Aborts when the program was to end and is not told to have. */
  readonly givenUp: AbortSignal;
  begin(cause: Cause): void;
  /** No further signals: the program has ended, or is another worker's. */
  stop(): void;
}

/** `onError` hears of signals that could not be sent; the next one is tried all the same. */
export function createProgramEnd<Cause extends string>(options: {
  readonly agent: Pick<AgentClient, 'signal'>;
  readonly processId: string;
  readonly onError: (error: unknown) => void;
}): ProgramEnd<Cause> {
  const { agent, processId, onError } = options;
  const timers: NodeJS.Timeout[] = [];
  const givenUp = new AbortController();
  let first: Cause | undefined;
  return {
    get cause() {
      return first;
    },
    givenUp: givenUp.signal,
    begin(cause) {
      if (first !== undefined) return;
      first = cause;
      for (const [signal, afterMs] of STEPS)
        timers.push(
          setTimeout(() => {
            agent.signal(processId, signal).catch(onError);
          }, afterMs),
        );
      timers.push(
        setTimeout(() => {
          givenUp.abort(
            new DomainError('timed_out', 'The program could not be ended.'),
          );
        }, GIVE_UP_MS),
      );
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
