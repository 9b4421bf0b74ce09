import type { components } from '@sandboxed/sdk';

type Details = components['schemas']['SandboxDetails'];
const MIB = 1_048_576;

/** What is told of one sandbox, a line each: a word and what it is. What it has not is left out. */
export function shown(sandbox: Details): readonly string[] {
  const { limits, figures, disk, error, services, preview_urls } = sandbox;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', sandbox.id],
    ['name', sandbox.name],
    ['status', `${sandbox.status} (${sandbox.status_reason})`],
    ['error', error && `${error.message} (${error.code})`],
    ['image', sandbox.image],
    ['created', sandbox.created_at],
    ['used', sandbox.last_active_at],
    [
      'memory',
      `${figures === undefined ? '' : `${Math.round(figures.memory_bytes / MIB)} of `}${limits.memory_mb} MiB`,
    ],
    [
      'cpus',
      `${figures === undefined ? '' : `${Math.round(figures.cpu_percent)} % of `}${limits.cpus}`,
    ],
    [
      'disk',
      `${disk === undefined ? '' : `${disk.used_mb} of `}${limits.disk_mb} MiB`,
    ],
    [
      'sleeps',
      sandbox.idle_policy === 'always_on'
        ? 'never'
        : `after ${sandbox.idle_timeout_seconds} s without use`,
    ],
    ['network', sandbox.egress],
    ['previews', sandbox.visibility],
    ...Object.entries(preview_urls).map(
      ([port, url]) => [`port ${port}`, url] as const,
    ),
    ...(services ?? []).map(
      ({ name, status }) => [`service ${name}`, status] as const,
    ),
    ['labels', pairs(sandbox.labels)],
    ['variables', sandbox.env_names.join(', ')],
    ['task', sandbox.active_task_id],
  ];
  const told = facts.filter(([, text]) => text !== undefined && text !== '');
  const width = Math.max(...told.map(([word]) => word.length));
  return told.map(([word, text]) => `${word.padEnd(width)}  ${text ?? ''}`);
}

function pairs(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
