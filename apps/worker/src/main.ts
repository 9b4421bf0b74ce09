import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { INSTRUCTIONS } from '@sandboxed/coding-agents';
import { createDockerDriver } from '@sandboxed/docker';
import type { HostSettings, JobClass } from '@sandboxed/domain';
import {
  AUTHORITIES_FILE,
  INSTRUCTIONS_FILE,
  JOB_CLASSES,
  networkNames,
  runtimeProblem,
} from '@sandboxed/domain';
import { createJobFigures } from '@sandboxed/jobs';
import {
  createBus,
  createConsumer,
  createProducer,
  createTicker,
} from '@sandboxed/queue';
import type { LoadedConfig } from '@sandboxed/runtime';
import {
  ConfigError,
  createCrashPoints,
  loadConfig,
  readHostMemory,
  NO_TRACING,
  startProcess,
  startTracing,
} from '@sandboxed/runtime';
import { openStore } from '@sandboxed/store';
import { ulid } from 'ulid';
import { createAgents } from './agents.ts';
import type { WorkerConfig } from './config.ts';
import { workerConfigSchema } from './config.ts';
import type { WorkerDeps } from './context.ts';
import { createEdge } from './edge.ts';
import { keepRoutes } from './keep-route.ts';
import { createFirewall } from './firewall.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { InstalledAgent } from './install-agent.ts';
import { installAgent } from './install-agent.ts';
import { createMaintenance, MAINTENANCE_TICKS } from './maintenance.ts';
import { createReconciler } from './reconcile.ts';
import { sandboxEnvironment } from './sandbox-environment.ts';
import { tracedDriver } from './traced-driver.ts';
import { createStillRuns } from './still-runs.ts';
import { createPoolNudge } from './warm-pool/pool-nudge.ts';
import { retireReplaced } from './warm-pool/retire-replaced.ts';
import { watchContainers } from './watch-containers.ts';
import { createWorkerRunner } from './worker-runner.ts';
import { createWorkspaces } from './workspaces.ts';

/** Below the stop grace period of compose.yaml (30 s). */
const SHUTDOWN_MS = 25_000;
const DRAIN_MS = 20_000;
/** Unfinished jobs that a worker which goes away offers to the others; the relay offers the rest. */
const MAX_HANDED_OVER = 1_000;
/** What this image trusts: its build added SANDBOXED_EXTRA_CA to the distribution's own. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

async function main(loaded: LoadedConfig<WorkerConfig>): Promise<void> {
  const { config } = loaded;
  const { logger, shutdown } = await startProcess('worker', loaded, {
    deadlineMs: SHUTDOWN_MS,
    exit: (code) => process.exit(code),
  });
  const tracing = await startTracing('worker', config);
  shutdown.onClose('tracing', () => tracing.close());
  const dataDir = config.SANDBOXED_DATA_DIR;
  const hostMemory = () => readHostMemory(config.SANDBOXED_MEMINFO_FILE);
  // Without it no start could be admitted: better said now than by each of them.
  hostMemory();
  const workerId = `${hostname()}-${ulid()}`;
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'redis');
  };
  const redis = {
    redisUrl: config.SANDBOXED_REDIS_URL,
    prefix: config.SANDBOXED_REDIS_PREFIX,
    onError,
  };

  mkdirSync(join(dataDir, 'db'), { recursive: true, mode: 0o700 });
  const reach: WorkerDeps['reach'] = createCrashPoints(
    config.SANDBOXED_CRASH_DIR,
  );
  const producer = createProducer(redis);
  const bus = createBus(redis);
  const store = openStore({
    path: join(dataDir, 'db', 'sandboxed.sqlite'),
    keyFile: join(dataDir, 'secret.key'),
    onCommit({ nudges, runnable }) {
      reach('worker.committed');
      // What Redis does not get now, the relay and the readers' own polling make up for.
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

  const { open, isolated } = networkNames(
    config.SANDBOXED_INSTANCE,
    config.SANDBOXED_BRIDGE_PREFIX,
  );
  const networks = { openNetwork: open.name, isolatedNetwork: isolated.name };
  const docker = createDockerDriver({
    socketPath: config.SANDBOXED_DOCKER_SOCKET,
    instance: config.SANDBOXED_INSTANCE,
    ...networks,
    bridges: { open: open.bridge, isolated: isolated.bridge },
  });
  shutdown.onClose('docker', () => {
    docker.close();
  });
  const agents = createAgents(dataDir);
  shutdown.onClose('agents', () => {
    agents.close();
  });

  const host = hostSettings(
    config,
    networks,
    await installAgent(
      config.SANDBOXED_AGENT_SOURCE,
      dataDir,
      {
        [basename(INSTRUCTIONS_FILE)]: INSTRUCTIONS,
        ...(config.SANDBOXED_EXTRA_CA !== '' && {
          [basename(AUTHORITIES_FILE)]: readFileSync(AUTHORITIES, 'utf8'),
        }),
      },
      (error) => {
        logger.warn({ err: error }, 'no snapshot of the agent: slower starts');
      },
    ),
  );
  const edge = createEdge({
    dataDir,
    url: new URL(config.SANDBOXED_EDGE_URL),
    settings: host.edge,
    ifDown(id, work) {
      store.transaction(() => {
        const state = store.sandboxes.get(id)?.state ?? 'deleted';
        if (state === 'stopped' || state === 'error' || state === 'deleted')
          work();
      });
    },
    onError: (error) => {
      logger.warn({ err: error }, 'edge');
    },
  });
  shutdown.onClose('edge', () => {
    edge.close();
  });

  const deps: WorkerDeps = {
    store,
    docker: tracing === NO_TRACING ? docker : tracedDriver(docker, tracing),
    agents,
    isRunning: createStillRuns(docker),
    workspaces: createWorkspaces(dataDir, reach),
    edge,
    firewall: createFirewall({ file: config.SANDBOXED_FIREWALL_FILE }),
    host,
    origin: {
      domain: config.PREVIEW_DOMAIN,
      scheme: config.PREVIEW_TLS ? 'https' : 'http',
      port: config.PREVIEW_TLS ? config.HTTPS_PORT : config.HTTP_PORT,
    },
    figures: createJobFigures(),
    hostMemory,
    startWaitMs: config.SANDBOXED_START_WAIT_SECONDS * 1_000,
    now: Date.now,
    logger,
    reach,
  };
  const problem = runtimeProblem(await docker.facts(Date.now), host.runtime);
  if (problem !== undefined)
    throw new ConfigError(`SANDBOXED_RUNTIME: ${problem}`);
  await docker.ensureNetworks();
  await keepRoutes(deps);
  shutdown.onClose(
    'heartbeat',
    startHeartbeat(deps, workerId, config.SANDBOXED_HEALTH_FILE),
  );
  const reconciler = createReconciler(deps);
  shutdown.onClose('watch', watchContainers(deps, reconciler));
  const poolSettings = {
    size: config.SANDBOXED_WARM_POOL,
    image: config.SANDBOXED_IMAGE,
  };
  const stopping = new AbortController();
  const maintain = createMaintenance(
    deps,
    reconciler,
    poolSettings,
    stopping.signal,
  );
  const poolNudge = createPoolNudge(
    () => maintain('pool'),
    (error) => {
      logger.warn({ err: error }, 'warm pool');
    },
  );
  shutdown.onClose('warm pool', () => {
    poolNudge.close();
  });
  retireReplaced(deps, poolSettings.image).catch((error: unknown) => {
    logger.warn({ err: error }, 'warm pool');
  });
  // At once and not waited for: after a reboot of the host every container is down and every row says otherwise.
  for (const tick of ['reconcile', 'leftovers'])
    maintain(tick).catch((error: unknown) => {
      logger.warn({ err: error, tick }, 'maintenance failed');
    });

  const runner = createWorkerRunner({
    ...deps,
    workerId,
    tracing,
    ...(poolSettings.size > 0 && { onLifecycleEnd: poolNudge.nudge }),
  });
  bus.onCancel((id) => {
    runner.cancelled(id);
  });
  const concurrency: Record<JobClass, number> = {
    lifecycle: config.SANDBOXED_LIFECYCLE_CONCURRENCY,
    exec: config.SANDBOXED_EXEC_CONCURRENCY,
    task: config.SANDBOXED_TASK_CONCURRENCY,
  };
  const consumers = JOB_CLASSES.map((jobClass) =>
    createConsumer({
      ...redis,
      class: jobClass,
      concurrency: concurrency[jobClass],
      run: (id) => runner.run(id),
    }),
  );
  const ticker = createTicker({
    ...redis,
    queue: 'maintenance',
    concurrency: MAINTENANCE_TICKS,
    run: maintain,
  });
  shutdown.onClose('jobs', async () => {
    stopping.abort();
    runner.release();
    await Promise.all(
      [...consumers, ticker].map(async (consumer) => {
        await consumer.close(DRAIN_MS);
        // Not before: the queue drops the offer of a job that it believes to be in our hands.
        await producer
          .offer(store.jobs.toOffer(Date.now(), MAX_HANDED_OVER))
          .catch(onError);
      }),
    );
  });
  logger.info({ workerId, concurrency }, 'worker is up');
}

function hostSettings(
  config: WorkerConfig,
  networks: Pick<HostSettings, 'openNetwork' | 'isolatedNetwork'>,
  agent: InstalledAgent,
): HostSettings {
  return {
    instance: config.SANDBOXED_INSTANCE,
    dataDir: config.SANDBOXED_DATA_DIR,
    agentDir: agent.directory,
    agentCommand: agent.command,
    runtime: config.SANDBOXED_RUNTIME,
    ...networks,
    baseEnv: sandboxEnvironment(config),
    edge: {
      previewDomain: config.PREVIEW_DOMAIN,
      entrypoint: config.PREVIEW_ENTRYPOINT,
      tls: config.PREVIEW_TLS,
    },
  };
}

try {
  await main(loadConfig(workerConfigSchema, process.env));
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(error instanceof ConfigError ? 78 : 1);
}
