import { Jobs, SandboxedError } from '@sandboxed/sdk';
import { z } from 'zod';
import { confirm } from '../confirm.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findAll, withEach } from '../each.ts';
import { isId } from '../find-sandbox.ts';
import { printable } from '../printable.ts';
import type { Session } from '../session.ts';

export function addRemove(program: Program): void {
  const { root } = program;
  const rm = root
    .command('rm')
    .description('Remove sandboxes; their files stay until they are purged')
    .argument('<sandbox...>', 'ids, beginnings of ids, or names')
    .option('-y, --yes', 'do not ask');
  define(program, rm, shape, async (session, { yes }, words) => {
    const found = await findAll(session, words);
    if (!yes)
      await confirm(session, `Remove ${told(found)}, and keep the files?`);
    return withEach(session, found, 'Removing', async (sandbox) => {
      await sandbox.delete({ signal: session.signal });
      return { id: sandbox.id, status: 'deleted' };
    });
  });
  const purge = root
    .command('purge')
    .description(
      'Remove sandboxes with their files; also what rm has left, by its whole id',
    )
    .argument('<sandbox...>', 'ids, beginnings of ids, or names')
    .option('-y, --yes', 'do not ask');
  define(program, purge, shape, async (session, { yes }, words) => {
    const found = await findPurged(session, words);
    if (!yes) await confirm(session, `Remove ${told(found)} with all files?`);
    return withEach(session, found, 'Purging', async ({ id }) => {
      await purged(session, id);
      return { id, status: 'purged' };
    });
  });
}

const shape = { yes: z.boolean().default(false) };

interface Meant {
  readonly id: string;
  readonly info?: { readonly name?: string };
}

/** What was removed before is in no list: a whole id is taken as it is. */
async function findPurged(
  session: Session,
  words: readonly string[],
): Promise<readonly Meant[]> {
  const named = await findAll(
    session,
    words.filter((word) => !isId(word)),
  );
  const ids = words.filter(isId).map((word) => ({ id: word.toUpperCase() }));
  return [...new Map([...ids, ...named].map((one) => [one.id, one])).values()];
}

async function purged({ client, signal }: Session, id: string): Promise<void> {
  const call = { params: { id }, body: {} };
  const path = '/v1/sandboxes/{id}/purge';
  const { job_id } = await client.json('post', path, call, { signal });
  if (job_id === undefined) return;
  const { error } = await new Jobs(client).wait(job_id, { signal });
  if (error !== undefined) throw new SandboxedError(error.message, error);
}

function told(sandboxes: readonly Meant[]): string {
  return sandboxes
    .map(({ id, info }) =>
      info?.name === undefined ? id : `${printable(info.name)} (${id})`,
    )
    .join(', ');
}
