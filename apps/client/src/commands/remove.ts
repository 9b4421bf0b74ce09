import type { Sandbox } from '@sandboxed/sdk';
import { z } from 'zod';
import { confirm } from '../confirm.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findAll, withEach } from '../each.ts';
import { printable } from '../printable.ts';

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
    const found = await findAll(session, words);
    if (!yes) await confirm(session, `Remove ${told(found)} with all files?`);
    return withEach(session, found, 'Purging', async (sandbox) => {
      await sandbox.purge({ signal: session.signal });
      return { id: sandbox.id, status: 'purged' };
    });
  });
}

const shape = { yes: z.boolean().default(false) };

function told(sandboxes: readonly Sandbox[]): string {
  return sandboxes
    .map(({ id, info: { name } }) =>
      name === undefined ? id : `${printable(name)} (${id})`,
    )
    .join(', ');
}
