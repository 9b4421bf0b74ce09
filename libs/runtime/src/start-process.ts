import { giveBackMemory } from './give-back-memory.ts';
import type { LoadedConfig } from './load-config.ts';
import type { Logger } from './logger.ts';
import { createLogger, terminalDestination } from './logger.ts';
import type { Shutdown, ShutdownDeps } from './shutdown.ts';
import { createShutdown } from './shutdown.ts';

/** How each long-lived process begins: its logger, a word on settings that it does not know, an orderly end by signals, and no more memory than it needs. */
export async function startProcess(
  name: string,
  { config, unknown }: LoadedConfig<{ readonly SANDBOXED_LOG_LEVEL: string }>,
  limits: Omit<ShutdownDeps, 'logger'>,
): Promise<{ readonly logger: Logger; readonly shutdown: Shutdown }> {
  const logger = createLogger(
    name,
    config.SANDBOXED_LOG_LEVEL,
    await terminalDestination(),
  );
  if (unknown.length > 0)
    logger.warn(
      { unknown },
      'settings of no meaning here, perhaps misspelt: .env.example has all names',
    );
  const shutdown = createShutdown({ logger, ...limits });
  shutdown.install();
  giveBackMemory();
  return { logger, shutdown };
}
