import type { AgentClient } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';
import type {
  CrashPoint,
  ErrorCode,
  JobKind,
  JobPayload,
  JobPhase,
  JobRecord,
  SandboxId,
} from '@sandboxed/domain';
import type { Claim, Store } from '@sandboxed/store';
import type { Logger } from 'pino';
import type { JobFigures } from './job-figures.ts';

/** What every job needs, whichever process runs it. */
export interface JobDeps {
  readonly store: Store;
  readonly agents: {
    /** Speaks with a sandbox's agent. */
    client(id: SandboxId): AgentClient;
  };
  /**
   * Whether a sandbox still runs, as well as this process can tell; asked when its agent does not answer. May take its time to be sure,
   * unless the signal aborts.
   */
  readonly isRunning: (id: SandboxId, signal?: AbortSignal) => Promise<boolean>;
  readonly figures: JobFigures;
  readonly now: () => number;
  readonly logger: Logger;
  readonly reach: (point: CrashPoint) => void;
}

/** Why a handler is told to stop: its job was cancelled, its lease was lost, or the process ends. */
export type AbortReason = 'cancelled' | 'lost' | 'shutdown';

/** One claimed job in the hands of its handler. */
export interface JobContext<K extends JobKind, D extends JobDeps = JobDeps> {
  readonly job: JobRecord;
  readonly claim: Claim;
  readonly payload: JobPayload<K>;
  readonly signal: AbortSignal;
  readonly deps: D;
  /** The step before is over and this one begins. */
  phase(name: JobPhase<K>): void;
  /** Has `work` done inside the transaction that records the success, before the handler's own `alongside`. */
  alongside(work: () => void): void;
}

/**
 * Does the work of one job and returns its result. It may be run again from any step after a crash,
 * so each step is "already so" safe and checks the claim before it touches anything outside.
 */
export interface JobHandler<K extends JobKind, D extends JobDeps = JobDeps> {
  run(context: JobContext<K, D>): Promise<unknown>;
  /** Called while the job is still ours, before it fails for good: ends what would run on. What it throws is logged. */
  beforeFailed?(context: JobContext<K, D>): Promise<void>;
  /** Called inside the transaction that records the success. */
  alongside?(context: JobContext<K, D>): void;
  /** Called once the success is on record. What it throws is logged. */
  onSucceeded?(context: JobContext<K, D>): Promise<void>;
  /** Called inside the transaction that fails the job for good. */
  onFailed?(context: JobContext<K, D>, error: unknown): void;
}

/** A failure that still has something to tell: the job ends as failed or cancelled, with `result`. */
export class FailedWithResult extends DomainError {
  readonly result: unknown;

  constructor(code: ErrorCode, message: string, result: unknown) {
    super(code, message);
    this.name = 'FailedWithResult';
    this.result = result;
  }
}

/** A start has to wait for memory: its job was put back and takes no lane meanwhile. */
export class Deferred extends Error {
  constructor() {
    super('waits for memory');
    this.name = 'Deferred';
  }
}

/** One for each kind: a missing handler does not compile. */
export type JobHandlers<D extends JobDeps = JobDeps> = {
  readonly [K in JobKind]: JobHandler<K, D>;
};
