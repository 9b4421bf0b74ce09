import {
  DEFAULT_EXEC_TIMEOUT_SECONDS,
  execRequestSchema,
  execResultSchema,
  willRun,
} from '@sandboxed/domain';
import { z } from 'zod';
import { accepted, commit, submit } from '../http/commit.ts';
import { living, sandboxIdOf } from '../http/params.ts';
import type { Reply, Route } from '../http/route.ts';
import { both, route } from '../http/route.ts';
import { refuseVanishing } from './sandboxes.ts';

const exec = route({
  method: 'post',
  paths: both('/exec'),
  summary: 'Run a command; a stopped sandbox is started first',
  body: execRequestSchema,
  answer: z.union([
    z.object({
      job_id: z.string(),
      sandbox_id: z.string(),
      kind: z.literal('exec'),
      status: z.string(),
      events_url: z.string(),
    }),
    execResultSchema,
  ]),
  statuses: [202, 200],
  handle(call): Promise<Reply> {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    return commit(call, () => {
      const sandbox = living(call, id);
      const mailbox = deps.store.jobs.mailbox(id);
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
        {
          env: body.env,
          ...(body.stdin !== undefined && { stdin: body.stdin }),
        },
      );
      deps.store.sandboxes.touch(id, deps.now());
      return accepted(job, { sandbox_id: id, kind: 'exec', status: 'queued' });
    });
  },
});

export const EXEC_ROUTES: readonly Route[] = [exec];
