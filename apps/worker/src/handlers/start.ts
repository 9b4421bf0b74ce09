import { loadSandbox } from '@sandboxed/jobs';
import { bringUp, failStart, nowRunning, stopFailed } from '../bring-up.ts';
import type { JobHandler } from '../context.ts';

/** Starts a stopped or failed sandbox; a running one is left as it is. */
export const startHandler: JobHandler<'start'> = {
  async run(context) {
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'running')
      return { status: 'running', already: true };
    await bringUp(context, sandbox);
    return { status: 'running' };
  },
  alongside(context) {
    nowRunning(context, 'started on request');
  },
  beforeFailed: stopFailed,
  onFailed: failStart,
};
