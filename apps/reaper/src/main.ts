import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { jobIdSchema } from '@sandboxed/domain';
import {
  createBus,
  createProducer,
  createSchedules,
  createTicker,
} from '@sandboxed/queue';
import type { LoadedConfig } from '@sandboxed/runtime';
import {
  ConfigError,
  createCrashPoints,
  loadConfig,
  readDiskSpace,
  readHostMemory,
  startProcess,
} from '@sandboxed/runtime';
import { openStore } from '@sandboxed/store';
import { ulid } from 'ulid';
import type { z } from 'zod';
import { reaperConfigSchema } from './config.ts';
import { keepScheduled } from './keep-scheduled.ts';
import type { TickDeps } from './ticks.ts';
import { createTicks, intervals } from './ticks.ts';
import { createAddressGuard } from './webhooks/address-guard.ts';
import { createDeliverer } from './webhooks/deliverer.ts';
import { createSendPost } from './webhooks/post.ts';
import { createResolve } from './webhooks/resolve.ts';

/** Below the stop grace period of the container (10 s by default). */
const SHUTDOWN_MS = 8_000;
const DRAIN_MS = 3_000;
const DAY_MS = 86_400_000;

async function main(
  loaded: LoadedConfig<z.output<typeof reaperConfigSchema>>,
): Promise<void> {
  const { config } = loaded;
  const { logger, shutdown } = await startProcess('reaper', loaded, {
    deadlineMs: SHUTDOWN_MS,
    exit: (code) => process.exit(code),
  });
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'background work failed');
  };
  const redis = {
    redisUrl: config.SANDBOXED_REDIS_URL,
    prefix: config.SANDBOXED_REDIS_PREFIX,
    onError,
  };

  const reach: TickDeps['reach'] = createCrashPoints(
    config.SANDBOXED_CRASH_DIR,
  );
  const producer = createProducer(redis);
  const bus = createBus(redis);
  const dataDir = config.SANDBOXED_DATA_DIR;
  mkdirSync(join(dataDir, 'db'), { recursive: true, mode: 0o700 });
  const store = openStore({
    path: join(dataDir, 'db', 'sandboxed.sqlite'),
    keyFile: join(dataDir, 'secret.key'),
    onCommit({ nudges, runnable }) {
      reach('reaper.committed');
      // What Redis does not get now, the next relay tick and the readers' own polling make up for.
      if (runnable.length > 0) producer.offer(runnable).catch(onError);
      if (nudges.length > 0) bus.publish(nudges).catch(onError);
    },
    onError,
  });
  shutdown.onClose('store', () => {
    store.close();
  });
  shutdown.onClose('redis', async () => {
    await Promise.all([producer.close(), bus.close()]);
  });

  // Before the ticks, one of which trims events.
  const guard = createAddressGuard(
    config.SANDBOXED_WEBHOOK_ALLOW,
    createResolve(),
  );
  const deliverer = createDeliverer({
    store,
    send: createSendPost(guard, { http: config.SANDBOXED_WEBHOOK_HTTP }),
    now: Date.now,
    random: Math.random,
    logger,
    reach,
  });
  bus.onNudge(() => {
    deliverer.wake();
  });
  shutdown.onClose('webhooks', () => deliverer.close(DRAIN_MS));

  const wanted = intervals(config.SANDBOXED_REAP_INTERVAL_SECONDS);
  const schedules = (['reaper', 'maintenance'] as const).map((queue) =>
    createSchedules({ ...redis, queue, ticks: wanted[queue] }),
  );
  shutdown.onClose('schedules', async () => {
    await Promise.all(schedules.map((schedule) => schedule.close()));
  });
  shutdown.onClose('scheduling', keepScheduled(schedules, onError));

  const ticker = createTicker({
    ...redis,
    queue: 'reaper',
    run: createTicks({
      store,
      producer,
      logger,
      newJobId: () => jobIdSchema.parse(ulid()),
      hostMemory: () => readHostMemory(config.SANDBOXED_MEMINFO_FILE),
      diskSpace: () => readDiskSpace(dataDir),
      publishCancel: (id) => {
        bus.publishCancel(id).catch(onError);
      },
      now: Date.now,
      history: {
        keepMs: config.SANDBOXED_HISTORY_DAYS * DAY_MS,
        maxBytes: config.SANDBOXED_HISTORY_MAX_MB * 1_048_576,
      },
      audit: {
        keepMs: config.SANDBOXED_AUDIT_DAYS * DAY_MS,
        maxRows: config.SANDBOXED_AUDIT_MAX_ROWS,
      },
      healthFile: config.SANDBOXED_HEALTH_FILE,
      reach,
    }),
  });
  shutdown.onClose('ticker', () => ticker.close(DRAIN_MS));
  logger.info(wanted, 'reaper is up');
}

try {
  await main(loadConfig(reaperConfigSchema, process.env));
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(error instanceof ConfigError ? 78 : 1);
}
