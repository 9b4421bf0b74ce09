import { z } from 'zod';

/** Settings of the reaper process. */
export const reaperConfigSchema = z.object({
  SANDBOXED_DATA_DIR: z.string().startsWith('/').default('/var/lib/sandboxed'),
  SANDBOXED_REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
  SANDBOXED_REDIS_PREFIX: z.string().min(1).default('sandboxed'),
  SANDBOXED_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info'),
  /** How often idle sandboxes are looked for. Seconds. */
  SANDBOXED_REAP_INTERVAL_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(30),
  /** Touched at each relay tick that reached Redis; empty for none. */
  SANDBOXED_HEALTH_FILE: z.string().default('/tmp/healthy'),
  /** For tests alone: directory of the crash points to be taken, see `CRASH_POINTS`. */
  SANDBOXED_CRASH_DIR: z.string().default(''),
});
