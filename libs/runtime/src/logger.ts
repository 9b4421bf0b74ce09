import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type { Logger } from 'pino';

/** Keys whose values never reach a log, at any of the depths that we log at. */
const SECRETS = ['authorization', 'cookie', 'env', 'stdin', 'secret', 'token'];

/** JSON lines, on stdout unless told otherwise, one event a line, with secrets removed. */
export function createLogger(
  name: string,
  level: string,
  destination: DestinationStream = pino.destination(1),
): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '[redacted]',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** A terminal gets readable lines, everything else JSON: undefined then. */
export async function terminalDestination(): Promise<
  DestinationStream | undefined
> {
  if (!process.stdout.isTTY) return undefined;
  const { pretty } = await import('./pretty-log.ts');
  return pretty({
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
