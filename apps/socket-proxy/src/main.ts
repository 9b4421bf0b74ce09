import { join } from 'node:path';
import type { LoadedConfig } from '@sandboxed/runtime';
import { ConfigError, loadConfig, startProcess } from '@sandboxed/runtime';
import type { ProxyConfig } from './config.ts';
import { proxyConfigSchema } from './config.ts';
import { createEngine } from './engine.ts';
import type { Place } from './place.ts';
import { createSeenContainers } from './seen-containers.ts';
import { serve } from './serve.ts';
import { workerPolicy } from './worker-policy.ts';

/** Below the stop grace period of compose.yaml. */
const SHUTDOWN_MS = 4_000;

async function main(loaded: LoadedConfig<ProxyConfig>): Promise<void> {
  const { config } = loaded;
  const { logger, shutdown } = await startProcess('socket-proxy', loaded, {
    deadlineMs: SHUTDOWN_MS,
    exit: (code) => process.exit(code),
  });
  const place: Place = {
    instance: config.SANDBOXED_INSTANCE,
    dataDir: config.SANDBOXED_DATA_DIR,
    runtime: config.SANDBOXED_RUNTIME,
    bridgePrefix: config.SANDBOXED_BRIDGE_PREFIX,
  };
  const engine = createEngine(config.SANDBOXED_DOCKER_SOCKET);
  const server = await serve({
    socketPath: join(config.SANDBOXED_SOCKET_DIR, 'worker', 'docker.sock'),
    name: 'worker',
    policy: workerPolicy(place),
    engine,
    seen: createSeenContainers(),
    instance: place.instance,
    dataDir: place.dataDir,
    logger,
  });
  shutdown.onClose('worker', () => {
    server.close();
    // Streams of events have no end of their own; what is cut here is asked again.
    server.closeAllConnections();
  });
  logger.info('socket proxy is up');
}

try {
  await main(loadConfig(proxyConfigSchema, process.env));
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(error instanceof ConfigError ? 78 : 1);
}
