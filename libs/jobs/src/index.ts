export { asDomainError } from './agent-failure.ts';
export type {
  JobContext,
  JobDeps,
  JobHandler,
  JobHandlers,
} from './context.ts';
export { Deferred, FailedWithResult } from './context.ts';
export { execHandler } from './exec.ts';
export type { Followed } from './follow-process.ts';
export { END_GRACE_MS, followProcess } from './follow-process.ts';
export { createJobFigures, type JobFigures } from './job-figures.ts';
export { loadRunning, loadSandbox } from './load-sandbox.ts';
export type { JobRunner, RunnerSettings, Taken } from './run-job.ts';
export { createJobRunner, MAX_CLAIMS } from './run-job.ts';
export { whyEnded } from './why-ended.ts';
