import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { SandboxInfo } from '@sandboxed/sdk';
import { Sandbox } from '@sandboxed/sdk';
import { z } from 'zod';
import { answered } from '../answered.ts';
import type { Host } from '../host.ts';
import { done, environment, sandboxId } from './inputs.ts';

/** Sandboxes that one list answers at most. */
const MAX_LISTED = 100;

const summary = z.object({
  id: z.string(),
  name: z.string().optional(),
  status: z
    .string()
    .describe('running, stopped (asleep), error, or on the way.'),
  status_reason: z.string(),
  labels: z.record(z.string(), z.string()),
  preview_urls: z
    .record(z.string(), z.string())
    .describe('Where the user sees what listens on a port.'),
  last_active_at: z.string(),
});

const details = summary.extend({
  error: z.string().optional(),
  active_task_id: z.string().optional(),
  env_names: z.array(z.string()),
  listening_ports: z.array(z.number()),
  services: z.array(z.object({ name: z.string(), status: z.string() })),
  memory_mb: z.number().optional(),
  processes: z.number().optional(),
  disk_used_mb: z.number().optional(),
});

function summaryOf(info: SandboxInfo): z.input<typeof summary> {
  return {
    id: info.id,
    ...(info.name !== undefined && { name: info.name }),
    status: info.status,
    status_reason: info.statusReason,
    labels: { ...info.labels },
    preview_urls: { ...info.previewUrls },
    last_active_at: info.lastActiveAt,
  };
}

/** Tools that make sandboxes, find them, and end them. */
export function addSandboxTools(server: McpServer, host: Host): void {
  const connect = (id: string, signal: AbortSignal) =>
    Sandbox.connect(id, { ...host.connection, signal });

  server.registerTool(
    'create_sandbox',
    {
      title: 'Create a sandbox',
      description:
        'Makes a Linux computer and waits until it runs (a second, or some with a template). With a template it begins with a working app that is already served.',
      inputSchema: z.object({
        name: z.string().min(1).max(128).exactOptional(),
        template: z
          .enum([
            'blank',
            'vite-react',
            'next',
            'node-express',
            'fastapi',
            'static',
          ])
          .exactOptional(),
        env: environment.exactOptional(),
        labels: z.record(z.string(), z.string().max(256)).exactOptional(),
        ports: z
          .array(z.int().min(1).max(65_535))
          .max(16)
          .exactOptional()
          .describe('Ports that have a preview URL; 3000 unless given.'),
        visibility: z
          .enum(['public', 'private'])
          .exactOptional()
          .describe(
            'private: previews open only with a link of get_preview. public unless given.',
          ),
        egress: z
          .enum(['open', 'none'])
          .exactOptional()
          .describe('none: no network. open unless given.'),
        idle_timeout_seconds: z
          .int()
          .min(5)
          .max(2_592_000)
          .exactOptional()
          .describe('Falls asleep after so long without use.'),
        limits: z
          .object({
            cpus: z.number().min(0.05).max(256).exactOptional(),
            memory_mb: z.int().min(64).max(262_144).exactOptional(),
            pids: z.int().min(16).max(32_768).exactOptional(),
            disk_mb: z.int().min(64).max(4_194_304).exactOptional(),
          })
          .exactOptional(),
      }),
      outputSchema: summary,
      annotations: { destructiveHint: false },
    },
    ({ idle_timeout_seconds, limits = {}, ...spec }, { signal }) =>
      answered(async () => {
        const { memory_mb, disk_mb, ...rest } = limits;
        const sandbox = await Sandbox.create({
          ...host.connection,
          ...spec,
          ...(idle_timeout_seconds !== undefined && {
            idleTimeoutSeconds: idle_timeout_seconds,
          }),
          limits: {
            ...rest,
            ...(memory_mb !== undefined && { memoryMb: memory_mb }),
            ...(disk_mb !== undefined && { diskMb: disk_mb }),
          },
          signal,
        });
        return summaryOf(sandbox.info);
      }),
  );

  server.registerTool(
    'list_sandboxes',
    {
      title: 'List sandboxes',
      description: `The sandboxes that there are, newest first; at most ${MAX_LISTED}.`,
      inputSchema: z.object({
        status: z.enum(['running', 'stopped', 'error']).exactOptional(),
        label: z.string().exactOptional().describe('Only those, as key:value.'),
      }),
      outputSchema: z.object({
        sandboxes: z.array(summary),
        truncated: z.boolean(),
      }),
      annotations: { readOnlyHint: true },
    },
    (filter, { signal }) =>
      answered(async () => {
        const sandboxes = [];
        const all = Sandbox.list({ ...host.connection, ...filter, signal });
        for await (const { info } of all) {
          if (sandboxes.length === MAX_LISTED)
            return { sandboxes, truncated: true };
          sandboxes.push(summaryOf(info));
        }
        return { sandboxes, truncated: false };
      }),
  );

  server.registerTool(
    'get_sandbox',
    {
      title: 'Look at a sandbox',
      description:
        'How a sandbox is just now: status, error, services, listening ports, memory, disk.',
      inputSchema: z.object({ sandbox_id: sandboxId }),
      outputSchema: details,
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id }, { signal }) =>
      answered(async () => {
        const sandbox = await connect(sandbox_id, signal);
        const now = await sandbox.refresh({ signal });
        const { figures, disk, previews = {}, services = [] } = now;
        return {
          ...summaryOf(now),
          ...(now.error !== undefined && { error: now.error.message }),
          ...(now.activeTaskId !== undefined && {
            active_task_id: now.activeTaskId,
          }),
          env_names: now.envNames,
          listening_ports: Object.entries(previews)
            .filter(([, { listening }]) => listening)
            .map(([port]) => Number(port)),
          services: services.map(({ name, status }) => ({ name, status })),
          ...(figures !== undefined && {
            memory_mb: Math.round(figures.memoryBytes / 1_048_576),
            processes: figures.processes,
          }),
          ...(disk !== undefined && { disk_used_mb: disk.usedMb }),
        };
      }),
  );

  server.registerTool(
    'start_sandbox',
    {
      title: 'Wake a sandbox',
      description:
        'Wakes a sandbox and waits until it runs. Commands, tasks and previews do this by themselves.',
      inputSchema: z.object({ sandbox_id: sandboxId }),
      outputSchema: summary,
      annotations: { destructiveHint: false, idempotentHint: true },
    },
    ({ sandbox_id }, { signal }) =>
      answered(async () => {
        const sandbox = await connect(sandbox_id, signal);
        await sandbox.start({ signal });
        return summaryOf(sandbox.info);
      }),
  );

  server.registerTool(
    'stop_sandbox',
    {
      title: 'Put a sandbox to sleep',
      description:
        'Ends all programs of a sandbox; its files stay, and it can be started again.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        force: z
          .boolean()
          .default(false)
          .describe('Also while a command or task runs, which is ended.'),
      }),
      outputSchema: summary,
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, force }, { signal }) =>
      answered(async () => {
        const sandbox = await connect(sandbox_id, signal);
        await sandbox.stop({ force, signal });
        return summaryOf(sandbox.info);
      }),
  );

  server.registerTool(
    'delete_sandbox',
    {
      title: 'Delete a sandbox',
      description:
        'Deletes a sandbox with its files, for good. With keep_files its files stay on the host.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        keep_files: z.boolean().default(false),
      }),
      outputSchema: done,
      annotations: { destructiveHint: true },
    },
    ({ sandbox_id, keep_files }, { signal }) =>
      answered(async () => {
        const sandbox = await connect(sandbox_id, signal);
        await (keep_files
          ? sandbox.delete({ signal })
          : sandbox.purge({ signal }));
        return { id: sandbox_id, status: 'deleted' };
      }),
  );

  server.registerTool(
    'keep_awake',
    {
      title: 'Keep a sandbox awake',
      description:
        'Keeps a sandbox from falling asleep for so many seconds, such as for a program that runs in the background.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        seconds: z.int().min(1).max(86_400),
      }),
      outputSchema: z.object({ id: z.string(), until: z.string() }),
      annotations: { destructiveHint: false, idempotentHint: true },
    },
    ({ sandbox_id, seconds }, { signal }) =>
      answered(async () => {
        const sandbox = await connect(sandbox_id, signal);
        const until = await sandbox.keepalive({ seconds, signal });
        return { id: sandbox_id, until: until.toISOString() };
      }),
  );
}
