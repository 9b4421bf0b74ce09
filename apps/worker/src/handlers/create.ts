import { loadSandbox } from '@sandboxed/jobs';
import { bringUp, failStart, stopFailed } from '../bring-up.ts';
import type { JobHandler } from '../context.ts';

/** Makes workspace and container, starts it and waits for the resident agent. */
export const createHandler: JobHandler<'create'> = {
  async run(context) {
    const sandbox = loadSandbox(context);
    if (sandbox.state !== 'running')
      await bringUp(context, sandbox, 'created on request');
    return { status: 'running' };
  },
  beforeFailed: stopFailed,
  onFailed: failStart,
};
