import type { Take } from '../direct/direct-runs.ts';
import {
  DEFAULT_EXEC_TIMEOUT_SECONDS,
  execRequestSchema,
  type execSecretSchema,
  willRun,
} from '@sandboxed/domain';
import { z } from 'zod';
import { accepted, commit, submit } from '../http/commit.ts';
import { acceptedJobSchema, endedCommandSchema } from '../http/job-answers.ts';
import { living, sandboxIdOf } from '../http/params.ts';
import type { Reply, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { refuseVanishing } from './sandboxes.ts';
import { JOB_LINKS_EXAMPLE, SANDBOX_EXAMPLE } from '../examples.ts';

const exec = route({
  method: 'post',
  operationId: 'runCommand',
  tag: 'Commands',
  paths: both('/exec'),
  summary: 'Run a command; a stopped sandbox is started first',
  body: execRequestSchema,
  answer: z.union([
    endedCommandSchema,
    acceptedJobSchema.extend({ status: z.string() }),
  ]),
  example: {
    body: { shell: 'npm --version' },
    answer: {
      exit_code: 0,
      stdout: '11.6.2\n',
      stderr: '',
      duration_ms: 412,
      sandbox_id: SANDBOX_EXAMPLE.id,
      kind: 'exec',
      status: 'succeeded',
      ...JOB_LINKS_EXAMPLE,
    },
  },
  statuses: [202, 200],
  handle(call): Promise<Reply> {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    const decide = (take: Take): Reply => {
      const sandbox = living(call, id);
      const mailbox = deps.store.jobs.barriers(id);
      const isDirect =
        (call.holdSeconds ?? 0) > 0 &&
        !body.background &&
        sandbox.state === 'running' &&
        deps.store.jobs.countUnfinished(id) === 0;
      refuseVanishing(sandbox, mailbox);
      if (!willRun(sandbox.state, mailbox)) submit(call, id, 'start', {});
      const timeout =
        body.timeout_seconds ??
        (body.background ? null : DEFAULT_EXEC_TIMEOUT_SECONDS);
      const job = submit(
        call,
        id,
        'exec',
        {
          ...(body.cmd !== undefined && { cmd: body.cmd }),
          ...(body.shell !== undefined && { shell: body.shell }),
          ...(body.cwd !== undefined && { cwd: body.cwd }),
          timeout_seconds: timeout,
          background: body.background,
        },
        secretOf(body),
      );
      if (isDirect) take(job, sandbox.tenant);
      deps.store.sandboxes.touch(id, deps.now());
      return accepted(job, { sandbox_id: id, kind: 'exec', status: 'queued' });
    };
    return deps.direct.taking((take) => commit(call, () => decide(take)));
  },
});

/** What of a command is kept encrypted; without any, none of the work for it is done. */
function secretOf({
  env,
  stdin,
}: z.output<typeof execRequestSchema>):
  z.output<typeof execSecretSchema> | undefined {
  if (Object.keys(env).length === 0 && stdin === undefined) return undefined;
  return { env, ...(stdin !== undefined && { stdin }) };
}

export const EXEC_ROUTES: readonly Route[] = [exec];
