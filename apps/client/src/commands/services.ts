import type { components } from '@sandboxed/sdk';
import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findSandbox } from '../find-sandbox.ts';
import { wholeNumber } from '../options.ts';
import { printable } from '../printable.ts';
import { Problem, usageProblem } from '../problem.ts';
import type { Session } from '../session.ts';
import { statusStyle } from '../status-style.ts';
import type { Column } from '../table.ts';

type Service = components['schemas']['Service'];

export function addServices(program: Program): void {
  const { root } = program;
  const services = root
    .command('services')
    .description('List what is kept running in a sandbox')
    .argument('<sandbox>', 'id, beginning of an id, or name');
  define(program, services, {}, async (session, _, [word = '']) => {
    const { output } = session;
    const { id } = await findSandbox(session, word);
    const answer = await list(session, id);
    if (output.json) await output.document(answer);
    else await output.table(answer.items, COLUMNS);
    if (answer.problem !== undefined)
      output.note(
        `Its sandbox.yaml is not heeded: ${printable(answer.problem)}`,
      );
    return undefined;
  });

  const logs = root
    .command('logs')
    .description('Print what a service of a sandbox writes')
    .argument('<sandbox>', 'id, beginning of an id, or name')
    .argument('[service]', 'which; may be left out where there is one')
    .option('-f, --follow', 'go on with what it writes from now on')
    .option(
      '-n, --tail <lines>',
      'so many lines from the end; 200 unless given',
    );
  define(
    program,
    logs,
    {
      follow: z.boolean().default(false),
      tail: wholeNumber(0, 5_000).optional(),
    },
    async (session, { follow, tail }, [word = '', given]) => {
      const { output, signal } = session;
      const sandbox = await findSandbox(session, word);
      const name = given ?? (await theOne(session, sandbox.id));
      const options = { signal, ...(tail !== undefined && { tail }) };
      const say = (text: string) =>
        output.json
          ? output.documentLine({ service: name, text })
          : output.write(text);
      if (follow)
        for await (const text of sandbox.services.follow(name, options))
          await say(text);
      else await say(await sandbox.services.logs(name, options));
      return undefined;
    },
  );
}

function list({ client, signal }: Session, id: string) {
  const call = { params: { id } };
  return client.json('get', '/v1/sandboxes/{id}/services', call, { signal });
}

/** Its only service. */
async function theOne(session: Session, id: string): Promise<string> {
  const { items } = await list(session, id);
  const [first, ...others] = items;
  if (first === undefined)
    throw new Problem(
      'Nothing is kept running in it.',
      "What is in its app directory runs by itself from its next start on; the output of commands is told by 'sandboxed job'.",
      { code: 'service_not_found' },
    );
  if (others.length === 0) return first.name;
  throw usageProblem(
    `It has ${items.length} services: ${items.map(({ name }) => name).join(', ')}.`,
    'Name one of them.',
  );
}

const COLUMNS: readonly Column<Service>[] = [
  { name: 'NAME', of: ({ name }) => name },
  {
    name: 'STATUS',
    of: ({ status }) => status,
    style: ({ status }) => statusStyle(status),
  },
  { name: 'PORT', of: ({ port }) => String(port ?? '-') },
  { name: 'SOURCE', of: ({ source }) => source },
  { name: 'COMMAND', of: ({ command }) => command },
];
