import { createRaw } from '../raw.ts';
import type { Findings } from './finding.ts';
import { inWords, spreadOf } from './finding.ts';
import type { Options } from './options.ts';
import type { Target } from './target.ts';
import { ask, createSandbox, forEach, purge } from './target.ts';

const BOUND = 1.2;
/** Fewer raw ones, one after the other, scaled up: each costs the same. */
const RAW = 10;
/** Small, so that memory for all of them is there. */
const LIMITS = { limits: { memory_mb: 256 } };

/** All at once, each until its first command was answered; the same by hand, one after the other. */
export async function creates(
  { api }: Target,
  options: Options,
): Promise<Findings> {
  const count = options.n ?? 50;
  const raw: number[] = [];
  const like = await createSandbox(api, LIMITS);
  const hand = await createRaw(like);
  try {
    for (let index = 0; index < RAW; index += 1) {
      const begin = performance.now();
      const container = await hand.create();
      await container.exec(['true']);
      raw.push(performance.now() - begin);
      await container.remove();
    }
  } finally {
    await hand.close();
    await purge(api, like);
  }
  const made: string[] = [];
  const times: number[] = [];
  try {
    const begin = performance.now();
    const outcomes = await Promise.allSettled(
      Array.from({ length: count }, async () => {
        const id = await createSandbox(api, LIMITS);
        made.push(id);
        await ask(`${api}/sandbox/${id}/exec?wait=60`, 'POST', {
          cmd: ['true'],
        });
        times.push(performance.now() - begin);
      }),
    );
    const tookMs = performance.now() - begin;
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
    const serialMs = (raw.reduce((sum, time) => sum + time, 0) / RAW) * count;
    const ratio = tookMs / serialMs;
    return {
      lines: [
        {
          what: `${count} creates at once, to the first command`,
          measured: `${failures.length} failed${failures[0] === undefined ? '' : `: ${failures[0]}`}`,
          bound: 'none',
          isMet: failures.length === 0,
        },
        {
          what: `in all, beside raw one after the other (${RAW}, × ${count / RAW})`,
          measured: `${(tookMs / 1_000).toFixed(1)} s and ${(serialMs / 1_000).toFixed(1)} s, ${ratio.toFixed(2)}×`,
          bound: `≤ ${BOUND}×`,
          isMet: ratio <= BOUND,
        },
        { what: 'each', measured: inWords(spreadOf(times)) },
      ],
      figures: {
        count,
        tookMs,
        serialMs,
        raw: spreadOf(raw),
        times: spreadOf(times),
        failures,
      },
    };
  } finally {
    await forEach(made, 4, (id) => purge(api, id));
  }
}
