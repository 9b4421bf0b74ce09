import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findSandbox } from '../find-sandbox.ts';
import { printable } from '../printable.ts';
import { shown } from '../shown.ts';

export function addShow(program: Program): void {
  const command = program.root
    .command('show')
    .description('Tell all of one sandbox')
    .argument('<sandbox>', 'id, beginning of an id, or name');
  define(program, command, {}, async (session, _, [word = '']) => {
    const { id } = await findSandbox(session, word);
    const { client, output, signal } = session;
    const call = { params: { id } };
    const found = await client.json('get', '/v1/sandboxes/{id}', call, {
      signal,
    });
    if (output.json) await output.document(found);
    else for (const line of shown(found)) await output.line(printable(line));
    return undefined;
  });
}
