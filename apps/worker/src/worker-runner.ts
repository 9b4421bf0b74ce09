import type { JobRunner, RunnerSettings } from '@sandboxed/jobs';
import { createJobRunner } from '@sandboxed/jobs';
import { admitWaiting } from './admission.ts';
import type { WorkerDeps } from './context.ts';
import { HANDLERS } from './handlers/index.ts';

/** Which worker it is, and what else it does at the end of a lifecycle job; `handlers` are for tests. */
export type WorkerSettings = Pick<
  RunnerSettings<WorkerDeps>,
  'workerId' | 'tracing' | 'onLifecycleEnd'
> &
  Partial<Pick<RunnerSettings<WorkerDeps>, 'handlers'>>;

/** Runs jobs of every kind. Starts that wait for memory are looked at whenever a lifecycle job ends. */
export function createWorkerRunner(
  deps: WorkerDeps & WorkerSettings,
): JobRunner {
  return createJobRunner<WorkerDeps>({
    handlers: HANDLERS,
    ...deps,
    onLifecycleEnd() {
      try {
        admitWaiting(deps);
      } catch (error) {
        deps.logger.warn({ err: error }, 'waiting starts were not looked at');
      }
      deps.onLifecycleEnd?.();
    },
  });
}
