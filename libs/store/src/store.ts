import type {
  AgentName,
  AgentSession,
  EngineFacts,
  Env,
  Failure,
  JobClass,
  JobId,
  JobKind,
  JobPayload,
  JobRecord,
  JobStatus,
  JobTimings,
  Lease,
  Letter,
  Nudge,
  SandboxEvent,
  SandboxId,
  SandboxRecord,
  SandboxState,
  ServiceSpec,
} from '@sandboxed/domain';
import type { Addresses } from './addresses.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Audit } from './audit.ts';
import type { Deliveries } from './deliveries.ts';
import type { Disk } from './disk.ts';
import type { Events } from './events.ts';
import type { Feed } from './feed.ts';
import type { Findings } from './findings.ts';
import type { JobFigures } from './job-figures.ts';
import type { Pressure } from './pressure.ts';
import type { Quotas } from './quotas.ts';
import type { Starts } from './starts.ts';
import type { WarmPool } from './warm-pool.ts';
import type { Webhooks } from './webhooks.ts';
import type { WorkspaceRows } from './workspace-rows.ts';

/** A page of rows, newest first; `nextCursor` is the id to pass for the next page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | undefined;
}

/** Columns a caller decides when a sandbox is made; the store fills in the rest. */
export type NewSandbox = Pick<
  SandboxRecord,
  | 'id'
  | 'tenant'
  | 'name'
  | 'image'
  | 'template'
  | 'ports'
  | 'labels'
  | 'limits'
  | 'idle_policy'
  | 'idle_timeout_seconds'
  | 'visibility'
  | 'wake'
  | 'egress'
  | 'external'
>;

export type SandboxPatch = Partial<
  Pick<
    SandboxRecord,
    | 'name'
    | 'labels'
    | 'idle_policy'
    | 'idle_timeout_seconds'
    | 'limits'
    | 'visibility'
  >
>;

/** Why and by whom a transition happens, and what changes with it. Times in ms since the epoch. */
export interface TransitionDetails {
  readonly actor: string;
  readonly reason: string;
  readonly now: number;
  /** Sets `error_code`/`error_message`; every other transition clears them. */
  readonly error?: Failure;
}

export interface SandboxQuery {
  /** Whose; everybody's without. */
  readonly tenant?: string;
  readonly states?: readonly SandboxState[];
  readonly label?: { readonly key: string; readonly value: string };
  readonly externalUserId?: string;
  readonly externalProjectId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** As far as a row goes to see whether its container is as it should be. */
export type SandboxOutline = Pick<
  SandboxRecord,
  'id' | 'state' | 'generation' | 'version'
>;

/** Rows of sandboxes. Tombstones (`deleted`) are returned by `get` and `outline` alone. */
export interface Sandboxes {
  /**
   * Makes the row in state `creating`, or revives a tombstone of that id (generation raised). Throws `id_taken`, also for another
   * tenant's tombstone: its workspace, jobs and events are not to be found by who takes the id. `generation`: of the member of the
   * warm pool that it was, whose id no sandbox ever had.
   */
  insert(
    sandbox: NewSandbox,
    env: Env,
    by: {
      readonly actor: string;
      readonly now: number;
      readonly generation?: number;
    },
  ): SandboxRecord;
  get(id: SandboxId): SandboxRecord | undefined;
  list(query: SandboxQuery): Page<SandboxRecord>;
  /** What reconciling compares with containers, of all that run or are on their way: by an index, however many sleep. */
  outlines(): readonly SandboxOutline[];
  outline(id: SandboxId): SandboxOutline | undefined;
  /** All sandboxes in these states, for sampling; constant memory is not promised. */
  inStates(states: readonly SandboxState[]): readonly SandboxRecord[];
  /** Whose a sandbox is, also a tombstone. Cheaper than the row. */
  tenantOf(id: SandboxId): string | undefined;
  /** The user's environment, decrypted. */
  env(id: SandboxId): Env;
  /** Applies one event of the life cycle and logs it. Throws `sandbox_not_found`, `illegal_transition`. */
  transition(
    id: SandboxId,
    event: SandboxEvent,
    details: TransitionDetails,
  ): SandboxRecord;
  patch(id: SandboxId, patch: SandboxPatch, now: number): SandboxRecord;
  /** Moves `last_active_at` forward; back only where it lies far ahead, as it does once the clock was set back. Leaves `updated_at` alone. */
  touch(id: SandboxId, at: number): void;
  /** Every link to its private previews, and every session, ends now; `all` for those of all sandboxes, deleted ones too. */
  revokePreviews(id: SandboxId | 'all', now: number): void;
  keepAlive(id: SandboxId, until: number): void;
  /** The workspace directory is gone (purged). */
  forgetWorkspace(id: SandboxId): void;
  /** Holds memory for a start under way, until the next transition; in other states nothing can be held. */
  reserve(id: SandboxId, mb: number): void;
  /** MiB held by all starts under way. */
  reservedMb(): number;
  /** Running sandboxes that may be idle at `now`, longest idle first; indexed, at most `limit`. */
  idleCandidates(now: number, limit: number): readonly SandboxRecord[];
  countByState(): Readonly<Record<SandboxState, number>>;
}

export interface NewJob<K extends JobKind = JobKind> {
  readonly id: JobId;
  readonly sandboxId: SandboxId;
  readonly kind: K;
  readonly payload: JobPayload<K>;
  /** Encrypted at rest; env values and stdin belong here. */
  readonly secret?: unknown;
  readonly requestedBy: string;
  /** Of the call that asks for it, which writes its own row of the audit log; without one, this does. */
  readonly requestId?: string;
  /** Since the call of the API came that asks for it. Milliseconds. */
  readonly acceptMs?: number;
  /** The span that asks for it, as a W3C `traceparent`. */
  readonly traceparent?: string | undefined;
  readonly now: number;
}

/** A worker's hold on a job. Only the newest fence may write. */
export interface Claim {
  readonly jobId: JobId;
  readonly sandboxId: SandboxId;
  readonly workerId: string;
  readonly fence: number;
  /** True when an earlier holder vanished in the middle: the work may be half done. */
  readonly recovered: boolean;
}

/** A claim, with its job as it is now. */
export interface Claimed extends Claim {
  readonly job: JobRecord;
}

export type Outcome =
  | { readonly status: 'succeeded'; readonly result: unknown }
  | {
      readonly status: 'failed' | 'cancelled';
      readonly error: Failure;
      readonly result?: unknown;
    };

export interface JobQuery {
  /** Whose sandboxes' jobs; everybody's without. */
  readonly tenant?: string;
  readonly sandboxId?: SandboxId;
  readonly kind?: JobKind;
  readonly status?: JobStatus;
  readonly limit: number;
  readonly cursor?: string;
}

/** Rows of jobs: the mailbox of every sandbox, claims, leases and fences. */
export interface Jobs {
  /** Puts a job at the end of its sandbox's mailbox, with its events; a runnable one is announced on commit. */
  submit<K extends JobKind>(job: NewJob<K>): void;
  get(id: JobId): JobRecord | undefined;
  list(query: JobQuery): Page<JobRecord>;
  /** Undefined for a job that is not there. Cheaper than the whole row. */
  status(id: JobId): JobStatus | undefined;
  /** Unfinished jobs of a sandbox, oldest first. */
  mailbox(id: SandboxId): readonly Letter[];
  /** Those of them that others may have to wait for: lifecycle jobs and tasks. Without any, all in the mailbox may run. */
  barriers(id: SandboxId): readonly Letter[];
  /** How many are unfinished. */
  countUnfinished(id: SandboxId): number;
  /** The decrypted secret, or undefined when the job has none. */
  secret(id: JobId): unknown;
  /**
   * Takes a runnable job, or a running one whose lease ran out. Undefined: somebody else's, finished or not its turn. One that is
   * taken in the transaction that submits it is announced to nobody.
   */
  claim(id: JobId, workerId: string, now: number): Claimed | undefined;
  /** Extends the lease. `held` false: another worker took over, stop at once. */
  renew(
    claim: Claim,
    now: number,
  ): { readonly held: boolean; readonly cancelRequested: boolean };
  /** Gives the lease up: the job is unfinished and may be claimed at once. Nothing for a claim that was lost. */
  release(claim: Claim, now: number): void;
  /** Throws `stale_write` unless the claim is still the newest. Call before every side effect. */
  assertHeld(claim: Claim): void;
  /** Counts another try of a claimed job. */
  countAttempt(claim: Claim): number;
  /** Writes result and terminal events, and promotes what waited, in one transaction. Throws `stale_write`. */
  finish(
    claim: Claim,
    outcome: Outcome,
    now: number,
    timings?: JobTimings,
  ): JobRecord;
  /** A queued job is cancelled at once; a running one is flagged. */
  requestCancel(
    id: JobId,
    by: { readonly actor: string; readonly now: number },
  ): 'cancelled' | 'requested' | 'finished';
  /** Ends an unfinished job whoever held it, with its terminal events: only for a queued one, or in a database that no worker has opened. Throws `stale_write` when it is finished. */
  abandon(id: JobId, outcome: Outcome, now: number): JobRecord;
  /** Jobs that should be in the queue: runnable ones and running ones whose lease ran out. Oldest first. */
  toOffer(
    now: number,
    limit: number,
  ): readonly { readonly id: JobId; readonly class: JobClass }[];
  /** Running jobs with their holders. */
  leases(): readonly Lease[];
  countByStatus(): Readonly<Record<JobStatus, number>>;
}

/** Services declared over the API, env encrypted. The resident agent is told of them at each boot. */
export interface Services {
  list(
    id: SandboxId,
  ): readonly { readonly name: string; readonly spec: ServiceSpec }[];
  put(id: SandboxId, name: string, spec: ServiceSpec, now: number): void;
  remove(id: SandboxId, name: string): boolean;
}

/** Which session of a coding agent a sandbox's next task continues. */
export interface AgentSessions {
  get(id: SandboxId, agent: AgentName): AgentSession | undefined;
  put(id: SandboxId, agent: AgentName, session: AgentSession): void;
  forget(id: SandboxId, agent: AgentName): void;
  /** Forgets all of a sandbox: its workspace, which held them, is gone. */
  clear(id: SandboxId): void;
}

export interface StoredResponse {
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** First answers to requests that carried an Idempotency-Key; kept 24 h. */
export interface Idempotency {
  find(owner: string, key: string, now: number): StoredResponse | undefined;
  save(owner: string, key: string, response: StoredResponse, now: number): void;
}

/** Latest figures of one running sandbox, as a worker read them from the Engine. */
export interface Sample {
  readonly at: number;
  readonly cpuNanos: number;
  readonly networkBytes: number;
  readonly memoryBytes: number;
  readonly cpuPercent: number;
  readonly processes: number;
}

export interface Samples {
  get(id: SandboxId): Sample | undefined;
  put(id: SandboxId, sample: Sample): void;
}

/** Heartbeat row of a worker: what the api tells of Docker comes from here. */
export interface WorkerStatus {
  readonly id: string;
  readonly at: number;
  readonly dockerOk: boolean;
  readonly dockerVersion: string;
  /** Not older than a minute; null before they were asked for. */
  readonly engine: EngineFacts | null;
  readonly message: string;
}

export interface Workers {
  heartbeat(status: WorkerStatus): void;
  /** Of a process that holds jobs but takes none from the queue, as the api does. */
  beat(id: string, at: number): void;
  /** Workers heard of within the last 15 s: those that take jobs from the queue. */
  live(now: number): readonly WorkerStatus[];
  /** When each that may hold jobs was last heard of, dead ones too until they are removed. */
  heardAt(): ReadonlyMap<string, number>;
  remove(id: string): void;
}

/** What a committed transaction wants announced. */
export interface Committed {
  readonly nudges: readonly Nudge[];
  readonly runnable: readonly {
    readonly id: JobId;
    readonly class: JobClass;
  }[];
}

/**
 * The only truth. Every method is one short immediate transaction; `transaction` joins several into one.
 * After the outermost commit `onCommit` (given to `openStore`) is called once with what is to be announced.
 */
export interface Store {
  transaction<T>(work: () => T): T;
  /** A transaction that shares its commit with others of the same turn of the event loop: for many callers at once. What `work` throws rejects, and takes back its own change alone. */
  grouped<T>(work: () => T): Promise<T>;
  readonly sandboxes: Sandboxes;
  readonly audit: Audit;
  readonly addresses: Addresses;
  readonly apiKeys: ApiKeys;
  readonly jobs: Jobs;
  readonly jobFigures: JobFigures;
  readonly starts: Starts;
  readonly pressure: Pressure;
  readonly quotas: Quotas;
  readonly disk: Disk;
  readonly events: Events;
  readonly feed: Feed;
  readonly warmPool: WarmPool;
  readonly workspaces: WorkspaceRows;
  readonly findings: Findings;
  readonly services: Services;
  readonly agentSessions: AgentSessions;
  readonly idempotency: Idempotency;
  readonly samples: Samples;
  readonly workers: Workers;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  /**
   * Deletes finished jobs, events, tombstones of purged sandboxes, ended API keys and idempotency keys past their age, at most
   * `batch` rows of each. When nothing is, and more than `maxBytes` are in use, the oldest go before their age, but for the newest
   * minute of jobs and events, the newest hour of idempotency keys, and API keys. Returns rows deleted; 0: there is nothing left to do.
   */
  trim(options: {
    readonly now: number;
    readonly keepMs: number;
    readonly maxBytes: number;
    readonly batch: number;
  }): number;
  /** Empties the write-ahead log when it has grown beyond 64 MiB: writers that never pause keep SQLite from doing so by itself. Waits at most a second for readers, and does without when they stay. */
  checkpoint(): void;
  /** Throws when the database cannot be read or written. */
  check(): void;
  close(): void;
}
