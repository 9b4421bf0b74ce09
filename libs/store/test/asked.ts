import { jobIdSchema, sandboxIdSchema } from '@sandboxed/domain';
import type { Store } from '../src/index.ts';
import { FILLED_AT, manyId } from './many.ts';
import { EXEC, newSandbox } from './open.ts';

/** Something that is asked of the store again and again. */
export interface Asked {
  readonly what: string;
  /** Looks at each row of something, and why that may be. The others cost the same whatever the size. */
  readonly grows?: string;
  ask(store: Store, round: number): unknown;
}

const SUBNET = { cidr: '172.18.0.0/16', gateway: '172.18.0.1' };
const sandbox = sandboxIdSchema.parse(manyId('S', 60));
/** One of the queued ones of the hundredth sandbox and before: in any size. */
const finished = jobIdSchema.parse(manyId('J', 61));
/** So few that any size has them. */
const page = { limit: 5 } as const;
const id = (round: number, kind: string): string =>
  `01BRZ3${kind}${String(round).padStart(19, '0')}`;

/** By what a client or a process of ours asks for. Those that write leave rows behind, in any database as many. */
export const ASKED: readonly Asked[] = [
  { what: 'list', ask: (s) => s.sandboxes.list(page) },
  {
    what: 'list, of a tenant',
    ask: (s) => s.sandboxes.list({ ...page, tenant: 'tenant-3' }),
  },
  {
    what: 'list, of a state that many have',
    ask: (s) => s.sandboxes.list({ ...page, states: ['stopped'] }),
  },
  {
    what: 'list, of a state that few have',
    ask: (s) => s.sandboxes.list({ ...page, states: ['running'] }),
  },
  {
    what: 'list, of a state that none has',
    ask: (s) => s.sandboxes.list({ ...page, states: ['error'] }),
  },
  {
    what: "list, of a tenant's state that none has",
    ask: (s) =>
      s.sandboxes.list({ ...page, tenant: 'tenant-3', states: ['error'] }),
  },
  {
    what: 'list, of a user',
    ask: (s) => s.sandboxes.list({ ...page, externalUserId: 'user-3' }),
  },
  {
    what: 'list, of a project',
    ask: (s) =>
      s.sandboxes.list({
        ...page,
        tenant: 'tenant-3',
        externalProjectId: 'project-3',
      }),
  },
  {
    what: 'list, of a label that many have',
    ask: (s) =>
      s.sandboxes.list({ ...page, label: { key: 'team', value: 'team-3' } }),
  },
  {
    what: 'list, of a label that one has',
    grows: 'labels have no index: all of the caller are looked through',
    ask: (s) =>
      s.sandboxes.list({ ...page, label: { key: 'only', value: 'n7' } }),
  },
  { what: 'get', ask: (s) => s.sandboxes.get(sandbox) },
  {
    what: 'count by state',
    grows: 'counts them by an index, for metrics',
    ask: (s) => s.sandboxes.countByState(),
  },
  { what: 'count by status', ask: (s) => s.jobs.countByStatus() },
  {
    what: 'idle candidates',
    ask: (s) => s.sandboxes.idleCandidates(FILLED_AT, 50),
  },
  {
    what: 'pressure: idle',
    ask: (s) => s.pressure.idleSince(FILLED_AT, FILLED_AT, 50),
  },
  { what: 'pressure: running', ask: (s) => s.pressure.running() },
  {
    what: 'sampling: running',
    ask: (s) => s.sandboxes.inStates(['running']),
  },
  { what: 'reconcile: a row again', ask: (s) => s.sandboxes.outline(sandbox) },
  {
    what: 'reconcile: rows that are to have a container',
    ask: (s) => s.sandboxes.outlines(),
  },
  {
    what: 'leftovers: all rows',
    grows: 'each is compared with its directory, every 30 s',
    ask: (s) => s.workspaces.all(),
  },
  { what: 'relay', ask: (s) => s.jobs.toOffer(FILLED_AT, 500) },
  { what: 'leases', ask: (s) => s.jobs.leases() },
  { what: 'mailbox', ask: (s) => s.jobs.mailbox(sandbox) },
  { what: 'what others wait for', ask: (s) => s.jobs.barriers(sandbox) },
  { what: 'jobs', ask: (s) => s.jobs.list(page) },
  {
    what: 'jobs of a sandbox',
    ask: (s) => s.jobs.list({ ...page, sandboxId: sandbox }),
  },
  {
    what: 'jobs of a tenant',
    ask: (s) => s.jobs.list({ ...page, tenant: 'tenant-3' }),
  },
  {
    what: 'jobs of a tenant without any',
    ask: (s) => s.jobs.list({ ...page, tenant: 'nobody' }),
  },
  {
    what: 'jobs of a kind',
    ask: (s) => s.jobs.list({ ...page, kind: 'exec' }),
  },
  {
    what: 'jobs of a kind that there is none of',
    ask: (s) => s.jobs.list({ ...page, kind: 'task' }),
  },
  {
    what: 'jobs that wait',
    ask: (s) => s.jobs.list({ ...page, status: 'queued' }),
  },
  {
    what: 'jobs that run, of which there are none',
    ask: (s) => s.jobs.list({ ...page, status: 'running' }),
  },
  {
    what: 'jobs that were cancelled, of which there are none',
    ask: (s) => s.jobs.list({ ...page, status: 'cancelled' }),
  },
  {
    what: "events: a job's",
    ask: (s) => s.events.after({ jobId: finished }, 0, 200),
  },
  {
    what: "events: a job's, resumed",
    ask: (s) => s.events.after({ jobId: finished }, 1_000_000_000, 200),
  },
  {
    what: "events: a sandbox's",
    ask: (s) => s.events.after({ sandboxId: sandbox }, 0, 20),
  },
  { what: 'events: oldest', ask: (s) => s.events.oldest() },
  { what: 'webhooks: due', ask: (s) => s.deliveries.due(FILLED_AT) },
  { what: 'webhooks: plan', ask: (s) => s.deliveries.plan(FILLED_AT) },
  {
    what: 'quota: use',
    grows: 'sums up an index of what the tenant has',
    ask: (s) => s.quotas.use('tenant-3'),
  },
  { what: 'quota: tenants', ask: (s) => s.quotas.tenants('', 50) },
  {
    what: 'disk: total',
    grows: 'sums up an index, for metrics',
    ask: (s) => s.disk.total(),
  },
  {
    what: "disk: a tenant's total",
    grows: 'sums up what the tenant has',
    ask: (s) => s.disk.total('tenant-3'),
  },
  {
    what: 'disk: levels',
    grows: 'counts rows, for metrics',
    ask: (s) => s.disk.countByLevel(),
  },
  { what: 'disk: close to a limit', ask: (s) => s.disk.watched() },
  { what: 'disk: fillers', ask: (s) => s.disk.fillers() },
  {
    what: 'disk: enroll',
    ask: (s) => {
      s.disk.enroll(FILLED_AT);
    },
  },
  {
    what: 'disk: take',
    ask: (s, n) => s.disk.take(FILLED_AT + 60_000 + n * 10_000_000),
  },
  {
    what: 'audit: of a tenant',
    ask: (s) => s.audit.list({ ...page, tenant: 'tenant-3' }),
  },
  {
    what: 'audit: append',
    ask: (s, n) => {
      s.audit.append({
        ...{ at_ms: FILLED_AT + n, actor: 'test', action: 'test' },
        ...{ outcome: 'succeeded', target_id: sandbox },
      });
    },
  },
  {
    what: 'audit: nothing to trim',
    grows: 'counts rows, once a round of trimming',
    ask: (s) =>
      s.audit.trim({
        ...{ now: FILLED_AT, keepMs: 90 * 86_400_000 },
        ...{ maxRows: 500_000, batch: 500 },
      }),
  },
  {
    what: 'nothing to trim',
    ask: (s) =>
      s.trim({
        ...{ now: FILLED_AT, keepMs: 7 * 86_400_000 },
        ...{ maxBytes: 2 ** 31, batch: 500 },
      }),
  },
  {
    what: 'submit, claim and finish a job',
    ask: (s, n) => {
      const job = jobIdSchema.parse(id(n, 'J'));
      s.jobs.submit({
        ...{ id: job, sandboxId: sandbox, kind: 'exec', payload: EXEC },
        ...{ requestedBy: 'test', now: FILLED_AT },
      });
      const claim = s.jobs.claim(job, 'worker', FILLED_AT);
      if (claim === undefined) throw new Error(`${job} cannot be claimed`);
      s.jobs.finish(claim, { status: 'succeeded', result: {} }, FILLED_AT);
    },
  },
  {
    what: 'create a sandbox with its address, and delete it',
    ask: (s, n) => {
      const made = sandboxIdSchema.parse(id(n, 'S'));
      const by = { actor: 'test', reason: 'test', now: FILLED_AT };
      s.sandboxes.insert(newSandbox(made), {}, by);
      s.addresses.hold(made, SUBNET);
      for (const event of ['ready', 'delete', 'removed'] as const)
        s.sandboxes.transition(made, event, by);
    },
  },
  {
    what: 'trim a batch',
    ask: (s) =>
      s.trim({
        ...{ now: FILLED_AT + 60_000, keepMs: 1_000 },
        ...{ maxBytes: 2 ** 31, batch: 10 },
      }),
  },
];
