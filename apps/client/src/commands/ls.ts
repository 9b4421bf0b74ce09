import type { AnswerOf } from '@sandboxed/sdk';
import { z } from 'zod';
import { ago } from '../ago.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import type { Session } from '../session.ts';
import type { Column } from '../table.ts';
import { statusStyle } from '../status-style.ts';

type Listed = AnswerOf<'/v1/sandboxes', 'get'>['items'][number];

const STATUS = [
  'creating',
  'starting',
  'running',
  'stopping',
  'stopped',
  'deleting',
  'error',
] as const;
const PAGE = 200;
const MIB = 1_048_576;

export function addLs(program: Program): void {
  const command = program.root
    .command('ls')
    .alias('list')
    .description('List sandboxes, newest first')
    .option('--status <status>', `only those that are ${STATUS.join(', ')}`)
    .option('--label <key=value>', 'only those with a label')
    .option('-q, --quiet', 'print ids alone');
  define(
    program,
    command,
    {
      status: z.enum(STATUS).optional(),
      label: z.string().optional(),
      quiet: z.boolean().default(false),
    },
    async (session, { status, label, quiet }) => {
      const items = await listed(session, {
        ...(status !== undefined && { status }),
        ...(label !== undefined && { label: label.replace('=', ':') }),
      });
      const { output } = session;
      if (output.json) await output.document({ items, next_cursor: null });
      else if (quiet) for (const { id } of items) await output.line(id);
      else if (items.length === 0 && output.isTerminal)
        output.note("There are none. 'sandboxed create' makes one.");
      else await output.table(items, columns(Date.now()));
      return undefined;
    },
  );
}

async function listed(
  { client, signal }: Session,
  filter: {
    readonly status?: Listed['status'] & (typeof STATUS)[number];
    readonly label?: string;
  },
): Promise<readonly Listed[]> {
  const items: Listed[] = [];
  let cursor: string | undefined;
  do {
    const query = {
      ...filter,
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    };
    const page = await client.json(
      'get',
      '/v1/sandboxes',
      { query },
      { signal },
    );
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

const columns = (nowMs: number): readonly Column<Listed>[] => [
  { name: 'ID', of: ({ id }) => id },
  { name: 'NAME', of: ({ name }) => name ?? '-' },
  {
    name: 'STATUS',
    of: ({ status }) => status,
    style: ({ status }) => statusStyle(status),
  },
  {
    name: 'MEMORY',
    of: ({ figures }) =>
      figures === undefined
        ? '-'
        : `${Math.round(figures.memory_bytes / MIB)} MiB`,
  },
  { name: 'AGE', of: ({ created_at }) => ago(created_at, nowMs) },
  { name: 'USED', of: ({ last_active_at }) => ago(last_active_at, nowMs) },
  {
    name: 'PREVIEW',
    of: ({ preview_urls }) => Object.values(preview_urls)[0] ?? '-',
  },
];
