import {
  bridgePrefixSchema,
  instanceSchema,
  warmPoolSizeSchema,
} from '@sandboxed/domain';
import { TRACING_SETTINGS } from '@sandboxed/runtime';
import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const count = (fallback: number, max: number) =>
  z.coerce.number().int().min(1).max(max).default(fallback);
/** Address of a package index; it shows in `docker inspect`, so it may hold no password. */
const indexAddress = z
  .union([
    z.literal(''),
    z
      .url({ protocol: /^https?$/ })
      .refine(
        (text) => !/^https?:\/\/[^/]*@/.test(text),
        'must hold no user or password: sandboxes and docker inspect show it',
      ),
  ])
  .default('');

/** Settings of a worker process. */
export const workerConfigSchema = z.object({
  SANDBOXED_DATA_DIR: z.string().startsWith('/').default('/var/lib/sandboxed'),
  SANDBOXED_REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
  SANDBOXED_REDIS_PREFIX: z.string().min(1).default('sandboxed'),
  SANDBOXED_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info'),
  SANDBOXED_INSTANCE: instanceSchema.default('sandboxed'),
  /** Bridges of the sandbox networks are called by it; firewall/firewall.sh closes those of the default. */
  SANDBOXED_BRIDGE_PREFIX: bridgePrefixSchema.default('sbxd'),
  /** Where firewall/firewall.sh vouches for its rules; empty: nobody is asked, which is for tests alone. */
  SANDBOXED_FIREWALL_FILE: z.string().default(''),
  SANDBOXED_DOCKER_SOCKET: z
    .string()
    .startsWith('/')
    .default('/var/run/docker.sock'),
  /** Of sandboxes whose create names none. */
  SANDBOXED_IMAGE: z.string().min(1).default('sandboxed/sandbox:latest'),
  SANDBOXED_WARM_POOL: warmPoolSizeSchema.default(0),
  SANDBOXED_RUNTIME: z.string().min(1).default('runc'),
  SANDBOXED_AGENT_SOURCE: z
    .string()
    .startsWith('/')
    .default('/opt/sandboxed-agent'),
  SANDBOXED_EXTRA_CA: z.string().default(''),
  SANDBOXED_NPM_REGISTRY: indexAddress,
  SANDBOXED_PIP_INDEX_URL: indexAddress,
  SANDBOXED_LIFECYCLE_CONCURRENCY: count(2, 64),
  SANDBOXED_EXEC_CONCURRENCY: count(50, 1_000),
  SANDBOXED_TASK_CONCURRENCY: count(20, 1_000),
  /** In the form of /proc/meminfo. */
  SANDBOXED_MEMINFO_FILE: z.string().startsWith('/').default('/proc/meminfo'),
  /** How long a start waits for memory. */
  SANDBOXED_START_WAIT_SECONDS: count(60, 3_600),
  SANDBOXED_HEALTH_FILE: z.string().default(''),
  ...TRACING_SETTINGS,
  /** For tests alone: directory of the crash points to be taken, see `CRASH_POINTS`. */
  SANDBOXED_CRASH_DIR: z.string().default(''),
  /** The edge as this process reaches it. */
  SANDBOXED_EDGE_URL: z.url().default('http://host.docker.internal:80'),
  PREVIEW_DOMAIN: z.string().min(1).default('localhost'),
  PREVIEW_ENTRYPOINT: z.string().min(1).default('web'),
  PREVIEW_TLS: flag.default(false),
  HTTP_PORT: count(80, 65_535),
  HTTPS_PORT: count(443, 65_535),
});
export type WorkerConfig = z.output<typeof workerConfigSchema>;
