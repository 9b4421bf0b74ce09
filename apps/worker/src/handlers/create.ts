import { loadSandbox } from '@sandboxed/jobs';
import { bringUp, failStart, nowRunning, stopFailed } from '../bring-up.ts';
import type { JobHandler } from '../context.ts';

/** Makes workspace and container, starts it and waits for the resident agent. */
export const createHandler: JobHandler<'create'> = {
  async run(context) {
    const sandbox = loadSandbox(context);
    if (sandbox.state !== 'running') await bringUp(context, sandbox);
    return { status: 'running' };
  },
  alongside(context) {
    nowRunning(context, 'created on request');
  },
  beforeFailed: stopFailed,
  onFailed: failStart,
};
