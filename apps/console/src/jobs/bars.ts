import type { components } from '@sandboxed/sdk';

/** One stretch of a job's time: milliseconds, and where it lies in percent of the whole. */
export interface Bar {
  readonly name: string;
  readonly ms: number;
  readonly from: number;
  readonly width: number;
}

/** Where the time of a job went, one stretch after the other; what took nothing is left out. */
export function barsOf({
  accept_ms = 0,
  queue_ms,
  earlier_ms,
  phases,
  total_ms,
}: components['schemas']['JobTimings']): readonly Bar[] {
  const whole = Math.max(total_ms, 0.1);
  let before = 0;
  return [
    ['accepted', accept_ms] as const,
    ['waited', queue_ms] as const,
    ['earlier tries', earlier_ms] as const,
    ...Object.entries(phases).map(
      ([name, ms]) => [name.replaceAll('_', ' '), ms] as const,
    ),
  ]
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => {
      const from = (before / whole) * 100;
      before += ms;
      return { name, ms, from, width: (ms / whole) * 100 };
    });
}
