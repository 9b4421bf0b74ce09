import { MEMORY_BANDS, QUOTA_NAMES } from '@sandboxed/domain';
import { diskMetrics } from './disk-view.ts';
import {
  counterLines,
  figuresBy,
  gaugeLines,
  histogramLines,
} from './exposition.ts';
import type { ApiDeps } from './http/route.ts';
import { jobMetrics } from './job-metrics.ts';
import { poolMetrics } from './pool-view.ts';

const MIB = 1_048_576;

/** All figures in the text format of Prometheus. Labels are kinds, states and routes: never an id, a name or a tenant. */
export async function exposition(deps: ApiDeps): Promise<string> {
  const lines = [
    ...sandboxMetrics(deps),
    ...jobMetrics(deps),
    ...memoryMetrics(deps),
    ...diskMetrics(deps),
    ...poolMetrics(deps),
    ...(await queueMetrics(deps)),
    ...callMetrics(deps),
    ...webhookMetrics(deps),
    ...processMetrics(deps),
  ];
  return `${lines.join('\n')}\n`;
}

function sandboxMetrics({ store, now }: ApiDeps): readonly string[] {
  return [
    ...gaugeLines(
      { name: 'sandboxed_sandboxes', help: 'Sandboxes by state.' },
      figuresBy('state', store.sandboxes.countByState()),
    ),
    ...gaugeLines(
      { name: 'sandboxed_jobs', help: 'Jobs that are kept, by status.' },
      figuresBy('status', store.jobs.countByStatus()),
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_workers',
        help: 'Workers that were heard of in the last 15 s.',
      },
      [{ value: store.workers.live(now()).length }],
    ),
    ...counterLines(
      {
        name: 'sandboxed_reconcile_findings_total',
        help: 'What reconciling found not to be as it should, by kind.',
      },
      store.findings
        .counts()
        .map(({ kind, n }) => ({ labels: { kind }, value: n })),
    ),
  ];
}

function memoryMetrics({ store }: ApiDeps): readonly string[] {
  const reading = store.pressure.get();
  const band = reading?.band ?? 'normal';
  return [
    ...gaugeLines(
      {
        name: 'sandboxed_starts_waiting',
        help: 'Starts that wait for memory of the host.',
      },
      [{ value: store.starts.count() }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_memory_reserved_bytes',
        help: 'Memory that starts under way hold.',
      },
      [{ value: store.sandboxes.reservedMb() * MIB }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_memory_available_bytes',
        help: 'What the host could still give, as last read.',
      },
      reading === undefined ? [] : [{ value: reading.availableMb * MIB }],
    ),
    ...gaugeLines(
      { name: 'sandboxed_memory_total_bytes', help: 'Memory of the host.' },
      reading === undefined ? [] : [{ value: reading.totalMb * MIB }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_memory_band',
        help: 'How short of memory the host is: 1 for the band it is in.',
      },
      MEMORY_BANDS.map((name) => ({
        labels: { band: name },
        value: name === band ? 1 : 0,
      })),
    ),
  ];
}

async function queueMetrics({ producer }: ApiDeps): Promise<readonly string[]> {
  const depths = await producer.depths().catch(() => undefined);
  return [
    ...gaugeLines(
      { name: 'sandboxed_redis_up', help: 'Whether Redis answers.' },
      [{ value: depths === undefined ? 0 : 1 }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_queue_jobs',
        help: 'Jobs in the queues of Redis, by queue and state.',
      },
      Object.entries(depths ?? {}).flatMap(([queue, { waiting, active }]) => [
        { labels: { queue, state: 'waiting' }, value: waiting },
        { labels: { queue, state: 'active' }, value: active },
      ]),
    ),
  ];
}

function callMetrics({
  meter,
  requestFigures,
  wakeFigures,
}: ApiDeps): readonly string[] {
  return [
    ...histogramLines(
      {
        name: 'sandboxed_http_request_duration_seconds',
        help: 'How long calls of the API took, held ones and streams to their end.',
      },
      requestFigures.all(),
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_http_open_calls',
        help: 'Calls that stay open: event streams, held calls and transfers.',
      },
      [{ value: meter.opened() }],
    ),
    ...counterLines(
      {
        name: 'sandboxed_quota_refused_total',
        help: "Calls that a tenant's limit stood in the way of.",
      },
      QUOTA_NAMES.map((limit) => ({
        labels: { limit },
        value: meter.refused().get(limit) ?? 0,
      })),
    ),
    ...histogramLines(
      {
        name: 'sandboxed_wake_request_duration_seconds',
        help: 'How long requests to apps that slept were held, by how that ended.',
      },
      wakeFigures.all(),
    ),
  ];
}

function webhookMetrics({ store }: ApiDeps): readonly string[] {
  const webhooks = store.webhooks.list();
  const enabled = webhooks.filter(({ disabled_at }) => disabled_at === null);
  const { attempts, pending } = store.deliveries.figures();
  return [
    ...gaugeLines(
      { name: 'sandboxed_webhooks', help: 'Webhooks by status.' },
      figuresBy('status', {
        enabled: enabled.length,
        disabled: webhooks.length - enabled.length,
      }),
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_webhook_deliveries_pending',
        help: 'Deliveries of webhooks that are not done.',
      },
      [{ value: pending }],
    ),
    ...counterLines(
      {
        name: 'sandboxed_webhook_attempts_total',
        help: 'Tries to deliver to webhooks, by how they went.',
      },
      figuresBy('outcome', attempts),
    ),
  ];
}

function processMetrics({ version, now }: ApiDeps): readonly string[] {
  const { user, system } = process.cpuUsage();
  return [
    ...gaugeLines(
      {
        name: 'sandboxed_build_info',
        help: 'Always 1, with the version that runs.',
      },
      [{ labels: { version, node: process.version }, value: 1 }],
    ),
    ...gaugeLines(
      {
        name: 'process_resident_memory_bytes',
        help: 'Memory of the api process.',
      },
      [{ value: process.memoryUsage.rss() }],
    ),
    ...counterLines(
      {
        name: 'process_cpu_seconds_total',
        help: 'Time of processors that the api process took.',
      },
      [{ value: (user + system) / 1e6 }],
    ),
    ...gaugeLines(
      {
        name: 'process_start_time_seconds',
        help: 'When the api process began, in seconds since the epoch.',
      },
      [{ value: now() / 1_000 - process.uptime() }],
    ),
  ];
}
