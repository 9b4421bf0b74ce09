import type { Logger } from 'pino';
import { pino } from 'pino';

export type { Logger } from 'pino';

/** Keys whose values never reach a log, at any of the depths that we log at. */
const SECRETS = ['authorization', 'cookie', 'env', 'stdin', 'secret', 'token'];

/** JSON lines on stdout, one event a line, with secrets removed. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[redacted]',
    },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
