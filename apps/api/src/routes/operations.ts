import type { z } from 'zod';
import type { Warning } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import { readHostMemory } from '@sandboxed/runtime';
import { systemDisk } from '../disk-view.ts';
import { doctorWarnings } from '../doctor.ts';
import { exposition } from '../figures.ts';
import { systemPool } from '../pool-view.ts';
import type { ApiDeps, Route } from '../http/route.ts';
import { route } from '../http/route.ts';
import { RUNBOOK } from '../runbook.ts';
import { systemSchema } from '../system-schema.ts';

/** What is missing for jobs to get done; empty when ready. */
async function missingParts({
  store,
  producer,
  now,
}: ApiDeps): Promise<string[]> {
  const missing: string[] = [];
  try {
    store.check();
    const workers = store.workers.live(now());
    if (workers.length === 0) missing.push('no live worker');
    else if (!workers.some(({ dockerOk }) => dockerOk))
      missing.push(`docker: ${workers[0]?.message ?? 'no worker reaches it'}`);
  } catch (error) {
    missing.push(
      `sqlite: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
  try {
    await producer.ping();
  } catch (error) {
    missing.push(
      `redis: ${error instanceof Error ? error.message : 'unreachable'}`,
    );
  }
  return missing;
}

function notReady(part: string): Warning {
  return {
    code: 'not_ready',
    severity: 'critical',
    message: `Jobs are not done: ${part}.`,
    advice:
      'Look at "docker compose ps" and at the logs of what is not healthy there.',
  };
}

const healthz = route({
  method: 'get',
  operationId: 'isAlive',
  tag: 'Operations',
  paths: ['/healthz'],
  summary: 'Whether the process lives',
  open: true,
  example: { answer: 'ok\n' },
  rawAnswer: ['text/plain'],
  statuses: [200],
  stream(_call, response) {
    response.type('text/plain').send('ok\n');
    return Promise.resolve();
  },
});

const readyz = route({
  method: 'get',
  operationId: 'isReady',
  tag: 'Operations',
  paths: ['/readyz'],
  summary: 'Whether jobs would get done; names what is missing',
  open: true,
  example: { answer: 'ready\n' },
  rawAnswer: ['text/plain'],
  statuses: [200],
  async stream({ deps }, response) {
    const missing = await missingParts(deps);
    if (missing.length === 0) response.type('text/plain').send('ready\n');
    else
      throw new DomainError(
        'docker_unavailable',
        `Not ready: ${missing.join('; ')}.`,
      );
  },
});

const metrics = route({
  method: 'get',
  operationId: 'getMetrics',
  tag: 'Operations',
  paths: ['/metrics'],
  summary: 'Figures for Prometheus',
  // Those of all tenants together.
  scope: 'metrics',
  example: { answer: '# TYPE sandboxed_workers gauge\nsandboxed_workers 2\n' },
  rawAnswer: ['text/plain'],
  statuses: [200],
  async stream({ deps }, response) {
    response
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(await exposition(deps));
  },
});

/** Memory in MiB; `memory_free_mb` is what the host could still give, `memory_reserved_mb` what starts under way hold of it. */
function capacity({
  store,
  config,
}: ApiDeps): NonNullable<z.output<typeof systemSchema>['capacity']> {
  const host = readHostMemory(config.SANDBOXED_MEMINFO_FILE);
  return {
    memory_total_mb: Math.floor(host.totalMb),
    memory_free_mb: Math.floor(host.availableMb),
    memory_reserved_mb: store.sandboxes.reservedMb(),
    memory_band: store.pressure.get()?.band ?? 'normal',
    starts_waiting: store.starts.count(),
  };
}

const system = route({
  method: 'get',
  operationId: 'getSystem',
  tag: 'Operations',
  paths: ['/v1/system'],
  summary:
    'Who calls and the version; for admins also capacity, workers, queues and warnings',
  answer: systemSchema,
  example: {
    answer: {
      version: '0.1.0',
      caller: { tenant: 'ann', scopes: ['read', 'write'], key_id: null },
      warnings: [],
    },
  },
  statuses: [200],
  async handle({ deps, tenant, scopes, key }) {
    const { store, producer, now, version } = deps;
    const caller = { tenant, scopes: [...scopes], key_id: key ?? null };
    // The rest is of all tenants together.
    if (!scopes.has('admin'))
      return { status: 200, body: { version, caller, warnings: [] } };
    const workers = store.workers.live(now());
    const depths = await producer.depths().catch(() => undefined);
    const seen = workers.find(({ dockerOk }) => dockerOk);
    return {
      status: 200,
      body: {
        version,
        caller,
        node: process.version,
        docker: seen?.dockerVersion ?? null,
        runc: seen?.engine?.runc ?? null,
        kernel: seen?.engine?.kernel ?? null,
        runtimes: seen?.engine?.runtimes ?? null,
        capacity: capacity(deps),
        disk: await systemDisk(deps),
        warm_pool: systemPool(deps),
        sandboxes: store.sandboxes.countByState(),
        jobs: store.jobs.countByStatus(),
        queues: depths ?? null,
        workers: workers.map(({ id, at, dockerOk }) => ({
          id,
          seen_at: new Date(at).toISOString(),
          docker_ok: dockerOk,
        })),
        warnings: [
          ...(await missingParts(deps)).map(notReady),
          ...(await doctorWarnings(deps)),
        ],
      },
    };
  },
});

const runbook = route({
  method: 'get',
  operationId: 'getRunbook',
  tag: 'Operations',
  paths: ['/llms.txt', '/AGENTS.md'],
  summary: 'The runbook for an agent that drives this API',
  open: true,
  example: { answer: '# Driving sandboxed, for agents\n' },
  rawAnswer: ['text/markdown'],
  statuses: [200],
  stream(_call, response) {
    response.type('text/markdown; charset=utf-8').send(RUNBOOK);
    return Promise.resolve();
  },
});

export const OPERATION_ROUTES: readonly Route[] = [
  healthz,
  readyz,
  metrics,
  system,
  runbook,
];
