import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Turns } from '@sandboxed/files';
import { createJobFigures } from '@sandboxed/jobs';
import type { Board } from '@sandboxed/queue';
import { createBus, createProducer, openBoard } from '@sandboxed/queue';
import { BOARD_PATH } from './http/queue-board.ts';
import type { LoadedConfig } from '@sandboxed/runtime';
import {
  ConfigError,
  createCrashPoints,
  loadConfig,
  NO_TRACING,
  startProcess,
  startTracing,
} from '@sandboxed/runtime';
import { createNewIds, openKeyRing, openStore } from '@sandboxed/store';
import { ulid } from 'ulid';
import { createApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import { apiConfigSchema } from './config.ts';
import { createDirectRuns } from './direct/direct-runs.ts';
import { startHeartbeat } from './direct/heartbeat.ts';
import { createKeptAgents } from './kept-agents.ts';
import { createStillRuns } from './direct/still-runs.ts';
import { createMeter } from './http/meter.ts';
import { createRequestFigures } from './http/request-figures.ts';
import type { ApiDeps } from './http/route.ts';
import { traced } from './http/traced.ts';
import { answerUnparsed } from './http/unparsed.ts';
import { isTerminalUpgrade, serveUpgrades } from './http/upgrades.ts';
import { createHub } from './hub.ts';
import { listen } from './listen.ts';
import { createPasses } from './previews/passes.ts';
import { createOpenTerminals } from './terminal/open-terminals.ts';
import { createTickets } from './terminal/tickets.ts';
import { createWakeListener } from './wake/listener.ts';
import { createWakeFigures } from './wake/wake-figures.ts';

const VERSION = '0.1.0';
/** Below the stop grace period of compose.yaml (15 s). */
const SHUTDOWN_MS = 12_000;
/** For letting go of commands, which takes milliseconds. */
const LET_GO_MS = 3_000;
/** Commands that this process runs itself at once; what is beyond goes through the queue. */
const DIRECT_RUNS = 64;
const DIRECT_RUNS_OF_TENANT = 8;
/** Sandboxes whose agents this process keeps connections to. */
const KEPT_AGENTS = 256;

async function main(loaded: LoadedConfig<ApiConfig>): Promise<void> {
  const { config } = loaded;
  const { logger, shutdown } = await startProcess('api', loaded, {
    deadlineMs: SHUTDOWN_MS,
    exit: (code) => process.exit(code),
  });
  const tracing = await startTracing('api', config);
  shutdown.onClose('tracing', () => tracing.close());
  const dataDir = config.SANDBOXED_DATA_DIR;
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'redis');
  };
  const redis = {
    redisUrl: config.SANDBOXED_REDIS_URL,
    prefix: config.SANDBOXED_REDIS_PREFIX,
    onError,
  };

  mkdirSync(join(dataDir, 'db'), { recursive: true, mode: 0o700 });
  const reach: ApiDeps['reach'] = createCrashPoints(config.SANDBOXED_CRASH_DIR);
  const producer = createProducer(redis);
  const bus = createBus(redis);
  const keyFile = join(dataDir, 'secret.key');
  const store = openStore({
    path: join(dataDir, 'db', 'sandboxed.sqlite'),
    keyFile,
    onCommit({ nudges, runnable }) {
      reach('api.committed');
      // What Redis does not get, the relay and the readers' own polling make up for.
      if (runnable.length > 0) producer.offer(runnable).catch(onError);
      hub.committed(nudges);
      // After what waits here.
      setImmediate(() => {
        if (nudges.length > 0) bus.publish(nudges).catch(onError);
      });
    },
    onError,
  });
  const keys = openKeyRing(keyFile);
  shutdown.onClose('store', () => {
    store.close();
  });
  shutdown.onClose('redis', async () => {
    await Promise.all([producer.close(), bus.close()]);
  });
  const hub = createHub(bus, store);
  shutdown.onClose('hub', () => {
    hub.close();
  });

  let board: Promise<Board> | undefined;
  shutdown.onClose('board', async () => {
    await (await board)?.close();
  });

  const workerId = `api-${hostname()}-${ulid()}`;
  const figures = createJobFigures();
  const agents = createKeptAgents(dataDir, KEPT_AGENTS);
  shutdown.onClose('agents', () => {
    agents.close();
  });
  shutdown.onClose(
    'heartbeat',
    startHeartbeat({ store, figures, now: Date.now, logger }, workerId),
  );
  const direct = createDirectRuns(
    {
      store,
      agents,
      isRunning: createStillRuns({ store, agents }),
      figures,
      now: Date.now,
      logger,
      reach,
    },
    {
      workerId,
      most: DIRECT_RUNS,
      mostOfTenant: DIRECT_RUNS_OF_TENANT,
      tracing,
    },
  );
  shutdown.onClose('direct runs', async () => {
    await direct.close(LET_GO_MS);
    await producer
      .offer(store.jobs.toOffer(Date.now(), DIRECT_RUNS))
      .catch(onError);
  });
  bus.onCancel((id) => {
    direct.cancelled(id);
  });

  const deps: ApiDeps = {
    config,
    store,
    producer,
    bus,
    hub,
    direct,
    meter: createMeter(),
    tracing,
    requestFigures: createRequestFigures(),
    wakeFigures: createWakeFigures(),
    board: () => (board ??= openBoard({ ...redis, basePath: BOARD_PATH })),
    origin: {
      domain: config.PREVIEW_DOMAIN,
      scheme: config.PREVIEW_TLS ? 'https' : 'http',
      port: config.PREVIEW_TLS ? config.HTTPS_PORT : config.HTTP_PORT,
    },
    turns: new Turns(),
    passes: createPasses(() => keys.current().secret),
    tickets: createTickets(Date.now),
    terminals: createOpenTerminals(),
    agent: (id) => agents.client(id),
    now: Date.now,
    newId: createNewIds(),
    logger,
    version: VERSION,
    docsDir: fileURLToPath(new URL('docs', import.meta.url)),
    consoleDir: fileURLToPath(new URL('console', import.meta.url)),
    reach,
  };
  const edge = {
    url: new URL(config.SANDBOXED_EDGE_URL),
    secret: randomBytes(24).toString('hex'),
  };
  const host = config.SANDBOXED_LISTEN_HOST;
  const app = createApp(deps);
  const api = createServer(
    {
      // Bodies have bounds of their own: see http/receive.ts and http/stream-body.ts.
      ...{ headersTimeout: 30_000, requestTimeout: 0, maxHeaderSize: 32_768 },
      shouldUpgradeCallback: isTerminalUpgrade,
    },
    tracing === NO_TRACING ? app : traced(app, tracing, deps.requestFigures),
  );
  serveUpgrades(api, app);
  answerUnparsed(api, deps.newId);
  const wake = createWakeListener(deps, edge);
  const closeWake = await listen(wake, config.SANDBOXED_WAKE_PORT, host);
  const closeApi = await listen(api, config.SANDBOXED_API_PORT, host);
  shutdown.onClose('listeners', async () => {
    const closed = [closeWake(), closeApi()];
    // Held calls are answered now, and who asks again does so elsewhere.
    hub.release();
    await Promise.all(closed);
  });
  logger.info(
    { port: config.SANDBOXED_API_PORT, wakePort: config.SANDBOXED_WAKE_PORT },
    'api is up',
  );
}

try {
  await main(loadConfig(apiConfigSchema, process.env));
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(error instanceof ConfigError ? 78 : 1);
}
