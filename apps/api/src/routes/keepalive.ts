import {
  DomainError,
  keepaliveRequestSchema,
  MAX_KEEPALIVE_SECONDS,
} from '@sandboxed/domain';
import { z } from 'zod';
import { commit } from '../http/commit.ts';
import { living, sandboxIdOf } from '../http/params.ts';
import { both, route } from '../http/route.ts';
import { SANDBOX_EXAMPLE } from '../examples.ts';

export const keepalive = route({
  method: 'post',
  operationId: 'keepSandboxAwake',
  tag: 'Sandboxes',
  paths: both('/keepalive'),
  summary: 'Keep a sandbox awake until a time',
  body: keepaliveRequestSchema,
  answer: z.object({ id: z.string(), keepalive_until: z.int() }),
  example: {
    body: { seconds: 3600 },
    answer: { id: SANDBOX_EXAMPLE.id, keepalive_until: 1_795_862_400 },
  },
  statuses: [200],
  handle(call) {
    const { deps, body } = call;
    const id = sandboxIdOf(call);
    return commit(call, () => {
      const sandbox = living(call, id);
      const now = deps.now();
      const latest = now + MAX_KEEPALIVE_SECONDS * 1000;
      const asked =
        body.until !== undefined
          ? body.until * 1000
          : now + (body.seconds ?? sandbox.idle_timeout_seconds) * 1000;
      if (asked <= now)
        throw new DomainError(
          'invalid_request',
          'The keepalive ends in the past.',
          {
            fields: [
              {
                path: '/until',
                message: 'must be in the future, in unix seconds',
              },
            ],
          },
        );
      const until = Math.min(asked, latest);
      deps.store.sandboxes.keepAlive(id, until);
      deps.store.sandboxes.touch(id, now);
      return {
        status: 200,
        body: { id, keepalive_until: Math.floor(until / 1000) },
      };
    });
  },
});
