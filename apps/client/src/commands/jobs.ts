import type { components } from '@sandboxed/sdk';
import { Jobs } from '@sandboxed/sdk';
import { z } from 'zod';
import { ago, lasting } from '../ago.ts';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { findSandbox } from '../find-sandbox.ts';
import { wholeNumber } from '../options.ts';
import { printable } from '../printable.ts';
import { statusStyle } from '../status-style.ts';
import type { Column } from '../table.ts';

type Job = components['schemas']['Job'];

const KIND = [
  'create',
  'start',
  'stop',
  'delete',
  'purge',
  'exec',
  'limits',
  'service',
  'task',
  'revert',
] as const;
const STATUS = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const;

export function addJobs(program: Program): void {
  const { root } = program;
  const jobs = root
    .command('jobs')
    .description('List the latest work, of all sandboxes or of one')
    .argument('[sandbox]', 'id, beginning of an id, or name')
    .option('--kind <kind>', `only ${KIND.join(', ')}`)
    .option('--status <status>', `only ${STATUS.join(', ')}`)
    .option('-n, --limit <jobs>', 'so many; 20 unless given');
  define(
    program,
    jobs,
    {
      kind: z.enum(KIND).optional(),
      status: z.enum(STATUS).optional(),
      limit: wholeNumber(1, 200).default(20),
    },
    async (session, { kind, status, limit }, [word]) => {
      const { client, output, signal } = session;
      const query = {
        limit,
        ...(kind !== undefined && { kind }),
        ...(status !== undefined && { status }),
        ...(word !== undefined && {
          sandbox_id: (await findSandbox(session, word)).id,
        }),
      };
      const answer = await client.json(
        'get',
        '/v1/jobs',
        { query },
        { signal },
      );
      if (output.json) await output.document(answer);
      else await output.table(answer.items, columns(Date.now()));
      return undefined;
    },
  );

  const job = root
    .command('job')
    .description('Tell all of one job')
    .argument('<job>', 'its id');
  define(program, job, {}, async ({ client, output, signal }, _, [id = '']) => {
    const found = await client.json(
      'get',
      '/v1/jobs/{id}',
      { params: { id } },
      { signal },
    );
    if (output.json) await output.document(found);
    else for (const line of shownJob(found)) await output.line(printable(line));
    return undefined;
  });

  const cancel = root
    .command('cancel')
    .description('End a command or a task, by the id of its job')
    .argument('<job>', 'its id');
  define(
    program,
    cancel,
    {},
    async ({ client, output, signal }, _, [id = '']) => {
      const cancelled = new Jobs(client);
      await cancelled.cancel(id, { signal });
      await cancelled.wait(id, { signal });
      if (output.json)
        await output.document(
          await client.json(
            'get',
            '/v1/jobs/{id}',
            { params: { id } },
            { signal },
          ),
        );
      else await output.line(id);
      return undefined;
    },
  );
}

const columns = (nowMs: number): readonly Column<Job>[] => [
  { name: 'ID', of: ({ id }) => id },
  { name: 'SANDBOX', of: ({ sandbox_id }) => sandbox_id },
  { name: 'KIND', of: ({ kind }) => kind },
  {
    name: 'STATUS',
    of: ({ status }) => status,
    style: ({ status }) => statusStyle(status),
  },
  { name: 'AGE', of: ({ created_at }) => ago(created_at, nowMs) },
  { name: 'TOOK', of: took },
  { name: 'BY', of: ({ requested_by }) => requested_by },
  { name: 'ERROR', of: ({ error }) => error?.code ?? '-' },
];

function took({ started_at, finished_at }: Job): string {
  if (started_at === undefined || finished_at === undefined) return '-';
  const ms = Date.parse(finished_at) - Date.parse(started_at);
  return ms < 1_000 ? `${ms}ms` : lasting(ms / 1_000);
}

function shownJob(job: Job): readonly string[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', job.id],
    ['sandbox', job.sandbox_id],
    ['kind', job.kind],
    ['status', job.status],
    ['by', job.requested_by],
    ['created', job.created_at],
    ['started', job.started_at],
    ['finished', job.finished_at],
    ['error', job.error && `${job.error.message} (${job.error.code})`],
    [
      'result',
      job.result === undefined ? undefined : JSON.stringify(job.result),
    ],
  ];
  return facts.flatMap(([word, text]) =>
    text === undefined ? [] : [`${word.padEnd(8)}  ${text}`],
  );
}
