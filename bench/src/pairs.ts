import type { Row } from './result.ts';
import { ratio, timing } from './statistics.ts';

const TOLD = 5;

export type Figures = Pick<
  Row,
  'attempts' | 'failed' | 'failures' | 'ours' | 'raw' | 'ratio'
>;

/** Answers how long the part of it took that counts. Milliseconds. */
export type Work = () => Promise<number>;

/** How long a part of the work takes. Milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

/**
 * Ours and the raw work in turns, another one first each time, so that what changes on the host meanwhile hits both alike. The first
 * `warmUp` rounds are not counted, except that one which fails is. What fails counts as failed and is left out of the times.
 */
export async function pairs(options: {
  readonly n: number;
  readonly warmUp: number;
  readonly ours: Work;
  readonly raw?: Work | undefined;
}): Promise<Figures> {
  const times = { ours: [] as number[], raw: [] as number[] };
  const both: (readonly [number, number])[] = [];
  const failures: string[] = [];
  let attempts = 0;
  const attempt = async (
    side: 'ours' | 'raw',
    work: Work,
    counts: boolean,
  ): Promise<number | undefined> => {
    try {
      const ms = await work();
      if (counts) {
        attempts += 1;
        times[side].push(ms);
      }
      return ms;
    } catch (error) {
      attempts += 1;
      failures.push(`${side}: ${String(error)}`);
      return undefined;
    }
  };
  for (let round = -options.warmUp; round < options.n; round += 1) {
    const counts = round >= 0;
    const sides =
      round % 2 === 0 ? (['ours', 'raw'] as const) : (['raw', 'ours'] as const);
    const took = new Map<string, number | undefined>();
    for (const side of sides) {
      const work = options[side];
      if (work !== undefined) took.set(side, await attempt(side, work, counts));
    }
    const [ours, raw] = [took.get('ours'), took.get('raw')];
    if (counts && ours !== undefined && raw !== undefined)
      both.push([ours, raw]);
  }
  return {
    ...{ attempts, failed: failures.length, failures: failures.slice(0, TOLD) },
    ours: timing(times.ours),
    raw: timing(times.raw),
    ratio: ratio(both),
  };
}
