import type { Logger } from 'pino';

type Closer = () => void | Promise<void>;

/** Closes what a process opened, in reverse order, each step and the whole within a bound. */
export interface Shutdown {
  /** Registers a step. The latest one runs first. */
  onClose(name: string, close: Closer): void;
  /** Runs all steps once; later calls wait for the first. Never rejects: a step that fails is logged. */
  close(reason: string): Promise<void>;
  /** Closes on SIGTERM and SIGINT (a second one exits at once), and on errors that nobody caught (exit code 1). */
  install(): void;
}

export interface ShutdownDeps {
  readonly logger: Logger;
  /** Total time for all steps. Keep it below the container's stop grace period. */
  readonly deadlineMs: number;
  readonly exit: (code: number) => void;
}

/** Makes the stack of closers of one process. */
export function createShutdown({
  logger,
  deadlineMs,
  exit,
}: ShutdownDeps): Shutdown {
  const steps: { readonly name: string; readonly close: Closer }[] = [];
  let closing: Promise<void> | undefined;

  async function runSteps(): Promise<void> {
    for (const { name, close } of steps.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.error({ err: error, step: name }, 'shutdown step failed');
      }
    }
  }

  async function bounded(reason: string): Promise<void> {
    logger.info({ reason }, 'shutting down');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => {
        resolve('late');
      }, deadlineMs);
    });
    const outcome = await Promise.race([runSteps(), late]);
    clearTimeout(timer);
    if (outcome === 'late')
      logger.error({ deadlineMs }, 'shutdown took too long, going anyway');
  }

  const shutdown: Shutdown = {
    onClose(name, close) {
      steps.push({ name, close });
    },
    close(reason) {
      closing ??= bounded(reason);
      return closing;
    },
    install() {
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.on(signal, () => {
          if (closing !== undefined) {
            exit(1);
            return;
          }
          void shutdown.close(signal).then(() => {
            exit(0);
          });
        });
      for (const event of ['uncaughtException', 'unhandledRejection'] as const)
        process.on(event, (error: unknown) => {
          logger.fatal({ err: error }, event);
          void shutdown.close(event).then(() => {
            exit(1);
          });
        });
    },
  };
  return shutdown;
}
