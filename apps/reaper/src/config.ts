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
  /** Finished jobs and events are kept this long. Days. */
  SANDBOXED_HISTORY_DAYS: z.coerce.number().int().min(1).max(3_650).default(7),
  /** Above this size of the database the oldest of them go earlier. MiB. */
  SANDBOXED_HISTORY_MAX_MB: z.coerce
    .number()
    .int()
    .min(4)
    .max(1_048_576)
    .default(2_048),
  /** Rows of the audit log are kept this long. Days. */
  SANDBOXED_AUDIT_DAYS: z.coerce.number().int().min(1).max(3_650).default(90),
  /** Of more rows, the oldest of whoever left most go earlier. */
  SANDBOXED_AUDIT_MAX_ROWS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(100_000_000)
    .default(500_000),
  /** In the form of /proc/meminfo. */
  SANDBOXED_MEMINFO_FILE: z.string().startsWith('/').default('/proc/meminfo'),
  /** Touched at each relay tick that reached Redis; empty for none. */
  SANDBOXED_HEALTH_FILE: z.string().default('/tmp/healthy'),
  /** Private addresses that webhooks may be delivered to all the same: addresses and ranges (comma list). */
  SANDBOXED_WEBHOOK_ALLOW: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  /** Whether they may be delivered without TLS. */
  SANDBOXED_WEBHOOK_HTTP: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  /** For tests alone: directory of the crash points to be taken, see `CRASH_POINTS`. */
  SANDBOXED_CRASH_DIR: z.string().default(''),
});
