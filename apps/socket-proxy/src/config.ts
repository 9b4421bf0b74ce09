import { bridgePrefixSchema, instanceSchema } from '@sandboxed/domain';
import { z } from 'zod';

/** Settings of the proxy; those that workers have too must be the same there. */
export const proxyConfigSchema = z.object({
  SANDBOXED_DATA_DIR: z.string().startsWith('/').default('/var/lib/sandboxed'),
  /** The Engine's own socket. */
  SANDBOXED_DOCKER_SOCKET: z
    .string()
    .startsWith('/')
    .default('/var/run/docker.sock'),
  /** Where the sockets of the proxy are: `worker/docker.sock` and `edge/docker.sock`. Both directories must be there. */
  SANDBOXED_SOCKET_DIR: z.string().startsWith('/').default('/run/sockets'),
  SANDBOXED_INSTANCE: instanceSchema.default('sandboxed'),
  SANDBOXED_BRIDGE_PREFIX: bridgePrefixSchema.default('sbxd'),
  SANDBOXED_RUNTIME: z.string().min(1).default('runc'),
  SANDBOXED_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info'),
});
export type ProxyConfig = z.output<typeof proxyConfigSchema>;
