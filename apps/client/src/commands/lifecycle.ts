import type { Sandbox } from '@sandboxed/sdk';
import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findAll, withEach } from '../each.ts';
import type { Session } from '../session.ts';

export function addLifecycle(program: Program): void {
  const start = program.root
    .command('start')
    .description('Wake sandboxes, and wait until they run')
    .argument('<sandbox...>', 'ids, beginnings of ids, or names');
  define(program, start, {}, async (session, _, words) =>
    withEach(
      session,
      await findAll(session, words),
      'Starting',
      async (sandbox) => {
        await sandbox.start({ signal: session.signal });
        return asTold(session, sandbox);
      },
    ),
  );
  const stop = program.root
    .command('stop')
    .description('Let sandboxes sleep: their memory is freed, their files stay')
    .argument('<sandbox...>', 'ids, beginnings of ids, or names')
    .option('-f, --force', 'also while commands or tasks run, which are ended');
  define(
    program,
    stop,
    { force: z.boolean().default(false) },
    async (session, { force }, words) =>
      withEach(
        session,
        await findAll(session, words),
        'Stopping',
        async (sandbox) => {
          await sandbox.stop({ force, signal: session.signal });
          return asTold(session, sandbox);
        },
      ),
  );
}

/** How it is now, in the API's own words. */
function asTold({ client, output, signal }: Session, { id }: Sandbox) {
  if (!output.json) return undefined;
  const call = { params: { id } };
  return client.json('get', '/v1/sandboxes/{id}', call, { signal });
}
