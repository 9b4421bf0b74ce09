import { warmPoolSizeSchema } from '@sandboxed/domain';
import { TRACING_SETTINGS } from '@sandboxed/runtime';
import { z } from 'zod';
import { refusal, tokensSchema } from './access-config.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const port = z.coerce.number().int().min(1).max(65_535);

/** A list with commas. */
const words = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** What a tenant may have unless an administrator said otherwise; 0 is no limit. */
const quota = z.coerce
  .number()
  .int()
  .min(0)
  .max(1_000_000_000)
  .default(0)
  .transform((limit) => (limit === 0 ? null : limit));

const originsSchema = words.default([]).pipe(
  z.array(
    z.string().refine((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      return url?.origin === text && /^https?:$/.test(url.protocol);
    }, 'must be origins such as https://builder.example.org, without a path'),
  ),
);

/** Settings of the api process. */
export const apiConfigSchema = z
  .object({
    SANDBOXED_DATA_DIR: z
      .string()
      .startsWith('/')
      .default('/var/lib/sandboxed'),
    SANDBOXED_REDIS_URL: z.url().default('redis://127.0.0.1:6379'),
    SANDBOXED_REDIS_PREFIX: z.string().min(1).default('sandboxed'),
    SANDBOXED_LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info'),
    /** In a container of its own it is 0.0.0.0 (compose.yaml), and SANDBOXED_API_BIND says who gets there. */
    SANDBOXED_LISTEN_HOST: z.string().default('127.0.0.1'),
    SANDBOXED_API_PORT: port.default(9090),
    SANDBOXED_WAKE_PORT: port.default(9091),
    SANDBOXED_API_BIND: z.string().default('127.0.0.1:9090'),
    SANDBOXED_EDGE_URL: z.url().default('http://host.docker.internal:80'),
    SANDBOXD_API_AUTH_DISABLED: flag.default(true),
    SANDBOXD_API_TOKENS: tokensSchema,
    /** Names of the tokens that see and may do everything. */
    SANDBOXED_ADMINS: words.default(['admin']),
    /** Peers whose `X-Forwarded-For` says who called: addresses and ranges. */
    SANDBOXED_TRUSTED_PROXIES: words
      .default([])
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
    SANDBOXED_IDLE_TIMEOUT_SECONDS: z.coerce
      .number()
      .int()
      .min(5)
      .max(2_592_000)
      .default(2_100),
    SANDBOXED_IMAGE: z.string().min(1).default('sandboxed/sandbox:latest'),
    SANDBOXED_WARM_POOL: warmPoolSizeSchema.default(0),
    SANDBOXED_IMAGES_ALLOWED: words.default([]),
    /** In the form of /proc/meminfo. */
    SANDBOXED_MEMINFO_FILE: z.string().startsWith('/').default('/proc/meminfo'),
    SANDBOXED_UPLOAD_MAX_MB: z.coerce
      .number()
      .int()
      .min(1)
      .max(102_400)
      .default(100),
    SANDBOXED_QUOTA_SANDBOXES: quota,
    SANDBOXED_QUOTA_RUNNING: quota,
    SANDBOXED_QUOTA_MEMORY_MB: quota,
    SANDBOXED_QUOTA_DISK_MB: quota,
    SANDBOXED_QUOTA_TASKS: quota,
    SANDBOXED_QUOTA_REQUESTS_PER_MINUTE: quota,
    SANDBOXED_QUOTA_STREAMS: quota,
    /** Whether webhooks may be delivered without TLS. */
    SANDBOXED_WEBHOOK_HTTP: flag.default(false),
    ...TRACING_SETTINGS,
    /** For tests alone: directory of the crash points to be taken, see `CRASH_POINTS`. */
    SANDBOXED_CRASH_DIR: z.string().default(''),
    PREVIEW_DOMAIN: z.string().min(1).default('localhost'),
    PREVIEW_ENTRYPOINT: z.string().min(1).default('web'),
    PREVIEW_TLS: flag.default(false),
    /** Pages of these may show private previews in frames, call them, and open terminals. */
    SANDBOXED_BUILDER_ORIGINS: originsSchema,
    HTTP_PORT: port.default(80),
    HTTPS_PORT: port.default(443),
  })
  .superRefine((config, context) => {
    const message = refusal(config);
    if (message !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['SANDBOXD_API_TOKENS'],
        message,
      });
  });
export type ApiConfig = z.output<typeof apiConfigSchema>;
