import type { JobKind } from '@sandboxed/domain';
import type { Tracing } from '@sandboxed/runtime';
import type { JobContext, JobDeps } from './context.ts';

/** Runs the work of a job in a span of the trace of who asked for it, with a span for each of its steps. */
export function inJobSpan<K extends JobKind, D extends JobDeps, T>(
  tracing: Tracing,
  context: JobContext<K, D>,
  work: (context: JobContext<K, D>) => Promise<T>,
): Promise<T> {
  const { job, claim } = context;
  return tracing.span(
    `job ${job.kind}`,
    {
      kind: 'consumer',
      parent: job.traceparent ?? undefined,
      attributes: {
        'sandboxed.job.id': job.id,
        'sandboxed.job.attempt': job.attempts,
        'sandboxed.job.recovered': claim.recovered,
        'sandboxed.sandbox.id': job.sandbox_id,
      },
    },
    async () => {
      let end = (): void => undefined;
      try {
        return await work({
          ...context,
          phase(name) {
            context.phase(name);
            end();
            end = tracing.begin(`step ${name}`);
          },
        });
      } finally {
        end();
      }
    },
  );
}
