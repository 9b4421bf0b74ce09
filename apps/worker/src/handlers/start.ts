import { loadSandbox } from '@sandboxed/jobs';
import { bringUp, failStart, stopFailed } from '../bring-up.ts';
import type { JobHandler } from '../context.ts';

/** Starts a stopped or failed sandbox; a running one is left as it is. */
export const startHandler: JobHandler<'start'> = {
  async run(context) {
    const sandbox = loadSandbox(context);
    if (sandbox.state === 'running')
      return { status: 'running', already: true };
    await bringUp(context, sandbox, 'started on request');
    return { status: 'running' };
  },
  beforeFailed: stopFailed,
  onFailed: failStart,
};
