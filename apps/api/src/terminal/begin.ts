import { DomainError, jobIdSchema, JOBS, willRun } from '@sandboxed/domain';
import type { JobId, SandboxId } from '@sandboxed/domain';
import { commit, submit } from '../http/commit.ts';
import { living, sandboxIdOf } from '../http/params.ts';
import type { Call } from '../http/route.ts';
import { refuseVanishing } from '../routes/sandboxes.ts';
import type { TerminalQuery } from './query.ts';

/** A terminal that is about to be opened. */
export interface Begun {
  readonly sandboxId: SandboxId;
  /** The terminal's. */
  readonly id: string;
  /** The job after which the sandbox runs; undefined when it does. */
  readonly jobId: JobId | undefined;
}

/**
 * Takes a terminal on, in the audit log too, and starts a sandbox that sleeps. One that is to be resumed went with its sandbox:
 * that one is not started, and `terminal_not_found` thrown.
 */
export async function begin(
  call: Call<unknown, TerminalQuery>,
): Promise<Begun> {
  const { deps, query } = call;
  const sandboxId = sandboxIdOf(call);
  const reply = await commit(call, () => {
    const sandbox = living(call, sandboxId);
    const mailbox = deps.store.jobs.mailbox(sandboxId);
    refuseVanishing(sandbox, mailbox);
    const up = willRun(sandbox.state, mailbox);
    if (query.terminal !== undefined && !up) throw noTerminal(query.terminal);
    deps.store.sandboxes.touch(sandboxId, deps.now());
    const jobId = up
      ? mailbox.findLast(({ kind }) => JOBS[kind].class === 'lifecycle')?.id
      : submit(call, sandboxId, 'start', {});
    return {
      status: 101,
      body: {},
      ...(jobId !== undefined && { jobId: jobIdSchema.parse(jobId) }),
    };
  });
  return {
    sandboxId,
    id: query.terminal ?? deps.newId(),
    jobId: reply.jobId,
  };
}

/** The refusal of a terminal that is not there any more. */
export function noTerminal(id: string): DomainError {
  return new DomainError(
    'terminal_not_found',
    `There is no terminal ${id} any more: it ended, its sandbox did, or nobody came back to it in time. Open a new one.`,
  );
}
