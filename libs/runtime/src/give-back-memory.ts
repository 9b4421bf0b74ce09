import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What start-up needed is free by then. Milliseconds. */
const FIRST_LOOK_MS = 5_000;
const LOOK_MS = 60_000;
/** Share of one processor below which nobody waits for this process: collecting stops it for some 50 ms. */
const IDLE_SHARE = 0.02;
/** Below this growth since the last time it is not worth it. */
const WORTH = 1.15;

/** What {@link createMemoryGiver} reads and does; injected by tests. */
export interface MemoryGiverDeps {
  /** Processor time of this process so far. Milliseconds. */
  readonly cpuMs: () => number;
  readonly rssBytes: () => number;
  /** Collects all that is garbage and hands free pages back to the system. */
  readonly collect: () => void;
}

/**
 * Decides when to give memory back: at the first look, and then whenever the process was idle since the last look and has grown since it last did.
 * V8 alone keeps what a burst, its own start included, made it take.
 */
export function createMemoryGiver({
  cpuMs,
  rssBytes,
  collect,
}: MemoryGiverDeps): { look(elapsedMs: number): void } {
  let seenCpuMs = 0;
  let leftBytes: number | undefined;
  return {
    look(elapsedMs) {
      const now = cpuMs();
      const isIdle = now - seenCpuMs < elapsedMs * IDLE_SHARE;
      const isWorthIt =
        leftBytes === undefined || (isIdle && rssBytes() > leftBytes * WORTH);
      if (isWorthIt) {
        collect();
        leftBytes = rssBytes();
      }
      seenCpuMs = cpuMs();
    },
  };
}

/** Gives memory of this process back to the host while it is idle, until it ends. Keeps no process alive. */
export function giveBackMemory(): void {
  const giver = createMemoryGiver({
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    rssBytes: () => process.memoryUsage.rss(),
    collect: collector(),
  });
  setTimeout(() => {
    giver.look(FIRST_LOOK_MS);
    setInterval(() => {
      giver.look(LOOK_MS);
    }, LOOK_MS).unref();
  }, FIRST_LOOK_MS).unref();
}

/** V8's own, which only contexts made after the flag was set can see. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof found !== 'function') return () => undefined;
  return () => {
    Reflect.apply(found, undefined, [
      { type: 'major', execution: 'sync', flavor: 'last-resort' },
    ]);
  };
}
