import type { JobClass, JobId, Nudge } from '@sandboxed/domain';

/** Offers runnable jobs to BullMQ. Offering one twice does nothing while the first is known. */
export interface Producer {
  /** Resolves when Redis has them; rejects with the cause when it has not (the relay tries again). */
  offer(
    jobs: readonly { readonly id: JobId; readonly class: JobClass }[],
  ): Promise<void>;
  /** The same for jobs that Redis most likely has: it is asked whether it has them all, which costs it a hundredth. */
  offerAgain(jobs: Parameters<Producer['offer']>[0]): Promise<void>;
  /** Waiting and active jobs by class as Redis sees them; rejects when Redis is away. */
  depths(): Promise<
    Readonly<
      Record<JobClass, { readonly waiting: number; readonly active: number }>
    >
  >;
  /** Resolves when Redis answers within 1 s, rejects otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Notifications between processes; never a store. Listeners must not throw. */
export interface Bus {
  publish(nudges: readonly Nudge[]): Promise<void>;
  publishCancel(jobId: JobId): Promise<void>;
  onNudge(listener: (nudge: Nudge) => void): () => void;
  onCancel(listener: (jobId: JobId) => void): () => void;
  /** Called after each (re)connect of the subscription: something may have been missed. */
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Takes jobs of one class and hands their ids to `run`, at most `concurrency` at once. */
export interface Consumer {
  /** Stops taking; resolves when running ones are done or `deadlineMs` is over. */
  close(deadlineMs: number): Promise<void>;
}

/** Named ticks that one process at a time receives, made again when Redis was emptied. */
export interface Schedules {
  /** Idempotent; call it at start and every few seconds. */
  ensure(): Promise<void>;
  /** Asks for one tick now; asking again before it has started does nothing. */
  fire(name: string): Promise<void>;
  close(): Promise<void>;
}
