import type { CrashPoint, JobKind } from '@sandboxed/domain';
import { z } from 'zod';
import type { Clients, Job } from './clients.ts';
import { createWithFakeAgent, submitTask } from './fake-agent.ts';

/** One job whose process dies at a point, and how it is to end all the same. */
export interface CrashCase {
  readonly kind: JobKind;
  readonly point: CrashPoint;
  /** Submits the job and answers its id. */
  begin(lane: Lane): Promise<string>;
  /** What a client is told in the end; `succeeded` when left out. */
  readonly status?: 'succeeded' | 'failed';
  readonly code?: string;
  /** How often the job is claimed: once more than its worker dies under it. */
  readonly claims: number;
}

/** A sandbox and the cases it goes through, each of which leaves it as the next one wants it. */
export interface Lane {
  readonly clients: Clients;
  /** The sandbox; empty until there is one. */
  id: string;
  /** The last task that ended. */
  task: string;
  readonly cases: CrashCase[];
}

const START_POINTS = [
  'start.admitted',
  'start.gated',
  'start.prepared',
  'start.ensured',
  'start.started',
  'start.agent_ready',
  'start.app_started',
] as const satisfies readonly CrashPoint[];
const AROUND = [
  'job.claimed',
  'worker.committed',
  'job.handled',
  'job.committed',
] as const satisfies readonly CrashPoint[];

const claimsAt = (point: CrashPoint): number =>
  point === 'job.committed' ? 1 : 2;

const lifecycle =
  (kind: JobKind, method: string, path: string) =>
  (point: CrashPoint): CrashCase => ({
    kind,
    point,
    claims: claimsAt(point),
    begin: ({ clients, id }) =>
      clients.submit(kind, id, method, path.replace('ID', id), {}),
  });
const start = lifecycle('start', 'POST', '/v1/sandboxes/ID/start');
const stop = lifecycle('stop', 'POST', '/v1/sandboxes/ID/stop');
const remove = lifecycle('delete', 'DELETE', '/sandbox/ID');
const purge = lifecycle('purge', 'POST', '/sandbox/ID/purge');
const jobListSchema = z.object({
  items: z.array(z.object({ id: z.string() })),
});

/** The first makes the lane's sandbox, later ones revive it. */
const create = (point: CrashPoint): CrashCase => ({
  kind: 'create',
  point,
  claims: claimsAt(point),
  async begin(lane) {
    const job = await lane.clients.submit(
      'create',
      lane.id === '' ? undefined : lane.id,
      'POST',
      '/sandbox',
      lane.id === '' ? {} : { id: lane.id },
    );
    lane.id = lane.clients.told.jobs.get(job)?.sandboxId ?? '';
    return job;
  },
});

/** Before its command is known to run, an exec is lost rather than run twice. */
const exec = (point: CrashPoint, isLost: boolean): CrashCase => ({
  kind: 'exec',
  point,
  claims: claimsAt(point),
  ...(isLost && { status: 'failed', code: 'worker_lost' }),
  begin: ({ clients, id }) =>
    clients.mark(id, 'echo begin; sleep 0.3; echo end'),
});

/** As {@link exec}, run by the api, which dies of it; a worker goes on. */
const heldExec = (point: CrashPoint, isLost: boolean): CrashCase => ({
  ...exec(point, isLost),
  begin: ({ clients, id }) =>
    clients.markHeld(id, 'echo begin; sleep 0.3; echo end'),
});

const service = (point: CrashPoint): CrashCase => ({
  kind: 'service',
  point,
  claims: claimsAt(point),
  begin: ({ clients, id }) =>
    clients.submit('service', id, 'PUT', `/sandbox/${id}/services/web`, {
      command: 'exec sleep 1000',
      port: 3000,
    }),
});

/** A change of limits answers with the sandbox; its job is the newest of its kind. */
const limit = (point: CrashPoint, memoryMb: number): CrashCase => ({
  kind: 'limits',
  point,
  claims: claimsAt(point),
  async begin({ clients, id }) {
    await clients.insist('PATCH', `/v1/sandboxes/${id}`, {
      limits: { memory_mb: memoryMb },
    });
    const list = jobListSchema.parse(
      (await clients.call('GET', `/v1/jobs?sandbox_id=${id}&kind=limits`)).body,
    );
    const job = list.items[0]?.id ?? '';
    clients.told.jobs.set(job, { kind: 'limits', sandboxId: id });
    return job;
  },
});

const task = (point: CrashPoint): CrashCase => ({
  kind: 'task',
  point,
  claims: claimsAt(point),
  async begin(lane) {
    lane.task = await submitTask(lane.clients, lane.id);
    return lane.task;
  },
});

/** Of the last task, each time anew. */
const revert = (point: CrashPoint): CrashCase => ({
  kind: 'revert',
  point,
  claims: claimsAt(point),
  begin: ({ clients, id, task }) =>
    clients.submit(
      'revert',
      id,
      'POST',
      `/v1/sandboxes/${id}/tasks/${task}/revert`,
      {},
    ),
});

/** Every step of a task and of a revert. Makes its sandboxes, with a fake agent. */
export async function taskLanes(clients: Clients): Promise<readonly Lane[]> {
  const tasks = [
    ...AROUND,
    'step.started' as const,
    'task.checkpointed' as const,
    'task.program_started' as const,
    'task.output' as const,
    'task.program_ended' as const,
    'task.changes_read' as const,
    'task.build_checked' as const,
    'task.app_served' as const,
    'task.session_kept' as const,
  ].map(task);
  const reverts = [
    ...AROUND,
    'step.started' as const,
    'revert.reverted' as const,
  ].map(revert);
  return Promise.all(
    [...split(tasks, 2), reverts].map(async (cases) => {
      const id = await createWithFakeAgent(clients);
      const job = await submitTask(clients, id);
      const { status } = await clients.ended(job);
      if (status !== 'succeeded') throw new Error(`a task ended as ${status}`);
      return { clients, id, task: job, cases };
    }),
  );
}

/** Every step of every other kind of job, as chains that can go side by side. */
export function crashLanes(clients: Clients): readonly Lane[] {
  const lane = (cases: readonly CrashCase[]): Lane => ({
    clients,
    id: '',
    task: '',
    cases: [...cases],
  });
  const removals = [
    ...(
      [
        ...AROUND,
        'removal.decided',
        'removal.container_removed',
        'removal.run_dir_removed',
      ] as const
    ).flatMap((point) => [remove(point), purge(point)]),
    ...(
      ['purge.moved', 'purge.workspace_removed', 'purge.forgotten'] as const
    ).map(purge),
  ];
  const creates = [...START_POINTS, ...AROUND].map(create);
  const stops = [
    ...AROUND,
    'stop.decided' as const,
    'stop.gated' as const,
    'stop.told' as const,
    'stop.stopped' as const,
  ].map(stop);
  const starts = [...START_POINTS, ...AROUND].map(start);
  return [
    // About as long as the others: the longest says how many waves there are.
    ...split(alternate(creates, removals, create('start.admitted')), 5).map(
      lane,
    ),
    ...split(alternate(stops, starts, stop('stop.decided')), 3).map(lane),
    lane([
      ...AROUND.map((point) =>
        exec(point, point === 'job.claimed' || point === 'worker.committed'),
      ),
      exec('exec.starting', true),
      exec('exec.started', false),
      exec('exec.output', false),
      exec('exec.ended', false),
    ]),
    lane([
      heldExec('api.committed', true),
      heldExec('job.claimed', true),
      heldExec('exec.starting', true),
      heldExec('exec.started', false),
      heldExec('exec.output', false),
      heldExec('exec.ended', false),
      heldExec('job.handled', false),
      heldExec('job.committed', false),
    ]),
    lane([...AROUND, 'service.applied' as const].map(service)),
    lane(
      [...AROUND, 'limits.updated' as const].map((point, index) =>
        limit(point, 300 + index),
      ),
    ),
  ];
}

/** `a b a b …` as far as both go; where one is shorter, `fill` stands in for the rest of `first`. */
function alternate(
  first: readonly CrashCase[],
  second: readonly CrashCase[],
  fill: CrashCase,
): CrashCase[] {
  return second.flatMap((each, index) => [first[index] ?? fill, each]);
}

/** In `parts` of whole pairs. */
function split(cases: readonly CrashCase[], parts: number): CrashCase[][] {
  const pairs = Math.ceil(cases.length / 2 / parts);
  return Array.from({ length: parts }, (_, index) =>
    cases.slice(index * pairs * 2, (index + 1) * pairs * 2),
  );
}

/** The told record follows a case's end. */
export function note(lane: Lane, { kind, status }: Job): void {
  if (status !== 'succeeded') return;
  const { sandboxes } = lane.clients.told;
  if (kind === 'create') sandboxes.set(lane.id, 'created');
  if (kind === 'delete') sandboxes.set(lane.id, 'deleted');
  if (kind === 'purge') sandboxes.set(lane.id, 'purged');
}
