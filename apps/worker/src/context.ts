import type { DockerDriver } from '@sandboxed/docker';
import { DomainError } from '@sandboxed/domain';
import type {
  CrashPoint,
  ErrorCode,
  HostMemory,
  HostSettings,
  JobKind,
  JobPayload,
  JobPhase,
  JobRecord,
  PreviewOrigin,
} from '@sandboxed/domain';
import type { Claim, Store } from '@sandboxed/store';
import type { Logger } from 'pino';
import type { Agents } from './agents.ts';
import type { Edge } from './edge.ts';
import type { Firewall } from './firewall.ts';
import type { JobFigures } from './job-figures.ts';
import type { Workspaces } from './workspaces.ts';

/** What every handler works with. Made once in `main.ts`. */
export interface WorkerDeps {
  readonly store: Store;
  readonly docker: DockerDriver;
  readonly agents: Agents;
  readonly workspaces: Workspaces;
  readonly edge: Edge;
  readonly firewall: Firewall;
  readonly host: HostSettings;
  readonly origin: PreviewOrigin;
  readonly figures: JobFigures;
  readonly hostMemory: () => HostMemory;
  /** How long a start waits for memory before it is given up. */
  readonly startWaitMs: number;
  readonly now: () => number;
  readonly logger: Logger;
  readonly reach: (point: CrashPoint) => void;
}

/** Why a handler is told to stop: its job was cancelled, its lease was lost, or the process ends. */
export type AbortReason = 'cancelled' | 'lost' | 'shutdown';

/** One claimed job in the hands of its handler. */
export interface JobContext<K extends JobKind> {
  readonly job: JobRecord;
  readonly claim: Claim;
  readonly payload: JobPayload<K>;
  readonly signal: AbortSignal;
  readonly deps: WorkerDeps;
  /** The step before is over and this one begins. */
  phase(name: JobPhase<K>): void;
}

/**
 * Does the work of one job and returns its result. It may be run again from any step after a crash,
 * so each step is "already so" safe and checks the claim before it touches Docker.
 */
export interface JobHandler<K extends JobKind> {
  run(context: JobContext<K>): Promise<unknown>;
  /** Called while the job is still ours, before it fails for good: ends what would run on. What it throws is logged. */
  beforeFailed?(context: JobContext<K>): Promise<void>;
  /** Called inside the transaction that records the success. */
  alongside?(context: JobContext<K>): void;
  /** Called once the success is on record. What it throws is logged. */
  onSucceeded?(context: JobContext<K>): Promise<void>;
  /** Called inside the transaction that fails the job for good. */
  onFailed?(context: JobContext<K>, error: unknown): void;
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

/** A missing handler does not compile. */
export type JobHandlers = { readonly [K in JobKind]: JobHandler<K> };
