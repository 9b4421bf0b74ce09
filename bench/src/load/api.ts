import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Finding, Findings } from './finding.ts';
import type { Options } from './options.ts';
import type { Target } from './target.ts';
import { createSandbox, purge } from './target.ts';

const run = promisify(execFile);
const CANNON = fileURLToPath(import.meta.resolve('autocannon'));
const ACCEPTED_PER_SECOND = 1_000;
const ACCEPT_P99_MS = 100;

const resultSchema = z.object({
  non2xx: z.number(),
  errors: z.number(),
  requests: z.object({ average: z.number(), total: z.number() }),
  latency: z.object({ p50: z.number(), p97_5: z.number(), p99: z.number() }),
});
type Result = z.output<typeof resultSchema>;

/** Reads and accepted jobs, with 64 clients that ask again as soon as they are answered. */
export async function api(target: Target, options: Options): Promise<Findings> {
  const clients = options.clients ?? 64;
  const cannon = async (path: string, body?: object): Promise<Result> => {
    const { stdout } = await run(process.execPath, [
      ...[CANNON, '--json', '--no-progress', '--connections', String(clients)],
      ...['--duration', String(options.seconds)],
      ...(body === undefined
        ? []
        : ['--method', 'POST', '--body', JSON.stringify(body)]),
      ...['--headers', 'content-type=application/json', target.api + path],
    ]);
    return resultSchema.parse(JSON.parse(stdout));
  };
  const id = await createSandbox(target.api);
  const lines: Finding[] = [];
  const figures: Record<string, Result> = {};
  const note = (
    what: string,
    result: Result,
    bound?: Pick<Finding, 'bound' | 'isMet'>,
  ): void => {
    const failed = result.non2xx + result.errors;
    figures[what] = result;
    lines.push({
      what: `${what}, ${clients} clients`,
      measured: `${result.requests.average.toFixed(0)}/s, p50 ${result.latency.p50} / p97.5 ${result.latency.p97_5} / p99 ${result.latency.p99} ms, ${failed} of ${result.requests.total} failed`,
      bound: bound?.bound ?? 'none failed',
      isMet: failed === 0 && bound?.isMet !== false,
    });
  };
  try {
    for (const path of ['/healthz', '/v1/sandboxes', `/v1/sandboxes/${id}`])
      note(`GET ${path.replace(id, '{id}')}`, await cannon(path));
    note(
      'POST …/exec of `true`, waited for',
      await cannon(`/v1/sandboxes/${id}/exec?wait=60`, { cmd: ['true'] }),
    );
    // Workers are held, or the host would be full of containers: what is measured is the accepting.
    if (target.own !== undefined) {
      for (const worker of target.own.workers()) worker.signal('SIGSTOP');
      const accepted = await cannon('/v1/sandboxes', {});
      note('POST /v1/sandboxes, accepted, workers held', accepted, {
        bound: `≥ ${ACCEPTED_PER_SECOND}/s, p99 ≤ ${ACCEPT_P99_MS} ms`,
        isMet:
          accepted.requests.average >= ACCEPTED_PER_SECOND &&
          accepted.latency.p99 <= ACCEPT_P99_MS,
      });
    }
  } finally {
    // A stack of its own goes as a whole: its workers would first make all that was accepted.
    if (target.own === undefined) await purge(target.api, id);
  }
  return { lines, figures };
}
