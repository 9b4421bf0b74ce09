import type { DockerDriver } from '@sandboxed/docker';
import type {
  HostMemory,
  HostSettings,
  JobKind,
  PreviewOrigin,
} from '@sandboxed/domain';
import type * as jobs from '@sandboxed/jobs';
import type { Agents } from './agents.ts';
import type { Edge } from './edge.ts';
import type { Firewall } from './firewall.ts';
import type { Workspaces } from './workspaces.ts';

/** What every handler works with. Made once in `main.ts`. */
export interface WorkerDeps extends jobs.JobDeps {
  readonly docker: DockerDriver;
  readonly agents: Agents;
  readonly workspaces: Workspaces;
  readonly edge: Edge;
  readonly firewall: Firewall;
  readonly host: HostSettings;
  readonly origin: PreviewOrigin;
  readonly hostMemory: () => HostMemory;
  /** How long a start waits for memory before it is given up. */
  readonly startWaitMs: number;
}

/** One claimed job in the hands of a worker's handler. */
export type JobContext<K extends JobKind> = jobs.JobContext<K, WorkerDeps>;
/** Does the work of one job in a worker. */
export type JobHandler<K extends JobKind> = jobs.JobHandler<K, WorkerDeps>;
/** Those of a worker: one for each kind. */
export type JobHandlers = jobs.JobHandlers<WorkerDeps>;
