export { askEdge, keepToEdge } from './ask-edge.ts';
export { createCrashPoints } from './crash-points.ts';
export { readDiskSpace } from './disk-space.ts';
export { readHostMemory } from './host-memory.ts';
export { isMissing } from './is-missing.ts';
export { ConfigError, loadConfig, type LoadedConfig } from './load-config.ts';
export { createLogger, type Logger } from './logger.ts';
export { holdsText, putFile } from './put-file.ts';
export { createRepeats, type Repeats } from './repeats.ts';
export {
  createShutdown,
  type Shutdown,
  type ShutdownDeps,
} from './shutdown.ts';
export { NO_TRACING, startTracing, type Tracing } from './tracing.ts';
export { TRACING_SETTINGS } from './tracing-settings.ts';
export { startProcess } from './start-process.ts';
