import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Sandbox, Services } from '@sandboxed/sdk';
import { z } from 'zod';
import { answered } from '../answered.ts';
import type { Host } from '../host.ts';
import { boundedText } from '../output-collector.ts';
import { cwd, done, environment, sandboxId } from './inputs.ts';

const name = z
  .string()
  .min(1)
  .max(63)
  .describe('Name of the service, such as web.');

/** Tools for programs that keep running, and for where to see them. */
export function addServiceTools(server: McpServer, host: Host): void {
  const { client } = host;

  server.registerTool(
    'start_service',
    {
      title: 'Keep a program running',
      description:
        'Runs a program that is started again when it ends and whenever the sandbox wakes, such as a web server; replaces the service of that name. It must listen on 0.0.0.0. Then ask get_preview for its address; service_logs says why it does not come up.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        name,
        command: z
          .string()
          .min(1)
          .max(16_384)
          .describe('A line for bash, such as: npm run dev -- --host 0.0.0.0'),
        port: z
          .int()
          .min(1)
          .max(65_535)
          .exactOptional()
          .describe('What it listens on.'),
        cwd: cwd.exactOptional(),
        env: environment.exactOptional(),
      }),
      outputSchema: done,
      annotations: { destructiveHint: true, idempotentHint: true },
    },
    ({ sandbox_id, name, ...spec }, { signal }) =>
      answered(async () => {
        await new Services(client, sandbox_id).put(name, spec, { signal });
        return { id: name, status: 'started' };
      }),
  );

  server.registerTool(
    'list_services',
    {
      title: 'List services',
      description: 'The programs that are kept running in a sandbox.',
      inputSchema: z.object({ sandbox_id: sandboxId }),
      outputSchema: z.object({
        services: z.array(
          z.object({
            name: z.string(),
            status: z.string(),
            command: z.string(),
            port: z.number().optional(),
          }),
        ),
      }),
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id }, { signal }) =>
      answered(async () => {
        const services = await new Services(client, sandbox_id).list({
          signal,
        });
        return {
          services: services.map(({ name, status, command, port }) => ({
            name,
            status,
            command,
            ...(port !== undefined && { port }),
          })),
        };
      }),
  );

  server.registerTool(
    'service_logs',
    {
      title: 'Read what a service writes',
      description: 'The last lines of a service. The sandbox must run.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        name,
        lines: z.int().min(1).max(5_000).default(100),
      }),
      outputSchema: z.object({ text: z.string() }),
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id, name, lines: tail }, { signal }) =>
      answered(async () => {
        const services = new Services(client, sandbox_id);
        const text = await services.logs(name, { tail, signal });
        return { text: boundedText(text) };
      }),
  );

  server.registerTool(
    'stop_service',
    {
      title: 'End a service',
      description: 'Ends a program that is kept running, and forgets it.',
      inputSchema: z.object({ sandbox_id: sandboxId, name }),
      outputSchema: done,
      annotations: { destructiveHint: true },
    },
    ({ sandbox_id, name }, { signal }) =>
      answered(async () => {
        await new Services(client, sandbox_id).remove(name, { signal });
        return { id: name, status: 'removed' };
      }),
  );

  server.registerTool(
    'get_preview',
    {
      title: 'Where the user sees an app',
      description:
        'The address of what listens on a port, after waiting for that. To open it wakes a sandbox that sleeps. For a private sandbox it is a link that opens for an hour.',
      inputSchema: z.object({
        sandbox_id: sandboxId,
        port: z.int().min(1).max(65_535).exactOptional(),
        wait_seconds: z
          .int()
          .min(0)
          .max(300)
          .default(20)
          .describe('How long to wait for something to listen.'),
      }),
      outputSchema: z.object({
        url: z.string(),
        port: z.number(),
        expires_at: z.string().optional(),
      }),
      annotations: { readOnlyHint: true },
    },
    ({ sandbox_id, port, wait_seconds }, { signal }) =>
      answered(async () => {
        const connection = { ...host.connection, signal };
        const sandbox = await Sandbox.connect(sandbox_id, connection);
        const preview = sandbox.preview(port);
        if (sandbox.info.status === 'running')
          await preview.ready({ timeoutMs: wait_seconds * 1_000, signal });
        if (sandbox.info.visibility === 'public')
          return { url: preview.url, port: preview.port };
        const { url, expiresAt } = await preview.link({ signal });
        return { url, port: preview.port, expires_at: expiresAt };
      }),
  );
}
