import { DomainError } from '@sandboxed/domain';
import Dockerode from 'dockerode';
import { translateError } from './errors.ts';
import type { HostFacts } from './host-facts.ts';
import { readHostFacts } from './host-facts.ts';

/** The connection every verb works through. */
export interface Engine {
  readonly docker: Dockerode;
  /** Installation whose containers and networks we may touch. */
  readonly instance: string;
  /** Time limit of an ordinary call in milliseconds. */
  readonly callTimeoutMs: number;
  /** Aborted by `close`. */
  readonly closing: AbortSignal;
  /**
   * Runs one Engine call under a time limit. `what` completes the sentence "could not …".
   * Throws `timed_out`, `docker_unavailable` or an EngineRefusal.
   */
  call<T>(
    what: string,
    run: (signal: AbortSignal) => Promise<T>,
    limitMs?: number,
  ): Promise<T>;
  /** What the host supports; asked once, asked again only after a failure. */
  host(): Promise<HostFacts>;
  close(): void;
}

/** Opens no connection yet: the first call does. */
export function createEngine(options: {
  readonly socketPath: string;
  readonly instance: string;
  readonly callTimeoutMs: number;
}): Engine {
  const { socketPath, instance, callTimeoutMs } = options;
  // An explicit empty host: otherwise DOCKER_HOST of the environment would win over the socket.
  const docker = new Dockerode({ socketPath, host: '', protocol: 'http' });
  const closer = new AbortController();
  const inFlight = new Set<(error: DomainError) => void>();
  let hostFacts: Promise<HostFacts> | undefined;

  const engine: Engine = {
    docker,
    instance,
    callTimeoutMs,
    closing: closer.signal,

    async call(what, run, limitMs = callTimeoutMs) {
      if (closer.signal.aborted) throw closed();
      const controller = new AbortController();
      let stop: (error: DomainError) => void = () => undefined;
      const stopped = new Promise<never>((_resolve, reject) => {
        stop = (error) => {
          reject(error);
          controller.abort(error);
        };
      });
      inFlight.add(stop);
      const timer = setTimeout(() => {
        stop(
          new DomainError(
            'timed_out',
            `The Docker Engine took longer than ${String(limitMs)} ms to ${what}.`,
          ),
        );
      }, limitMs);
      try {
        return await Promise.race([run(controller.signal), stopped]);
      } catch (error) {
        throw translateError(error, what, socketPath);
      } finally {
        clearTimeout(timer);
        inFlight.delete(stop);
      }
    },

    host() {
      hostFacts ??= readHostFacts(engine).catch((error: unknown) => {
        hostFacts = undefined;
        throw error;
      });
      return hostFacts;
    },

    close() {
      closer.abort();
      for (const stop of inFlight) stop(closed());
    },
  };
  return engine;
}

function closed(): DomainError {
  return new DomainError(
    'docker_unavailable',
    'The connection to the Docker Engine is closed because this process is shutting down.',
  );
}
