import { z } from 'zod';

/** What a path is held against. */
export const boundSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ratio'), most: z.number() }),
  z.object({ kind: z.literal('plus_ms'), most: z.number() }),
  z.object({
    kind: z.literal('rate'),
    leastPerSecond: z.number(),
    p99Ms: z.number(),
  }),
  z.object({
    kind: z.literal('amount'),
    most: z.number(),
    unit: z.string(),
  }),
  z.object({ kind: z.literal('none') }),
]);
export type Bound = z.output<typeof boundSchema>;

/** Figures that a bound can be held against. */
export interface Figures {
  readonly attempts: number;
  readonly failed: number;
  readonly ours?: { readonly p50: number; readonly p99: number } | undefined;
  readonly raw?: { readonly p50: number } | undefined;
  readonly ratio?: { readonly value: number } | undefined;
  readonly perSecond?: number | undefined;
  readonly amount?: number | undefined;
}

/**
 * How many times the bound was used up: 1 is just within, 2 is off by 2×. Infinity when a call failed or nothing was measured,
 * undefined where there is no bound.
 */
export function usedUp(bound: Bound, figures: Figures): number | undefined {
  if (bound.kind === 'none') return undefined;
  if (figures.failed > 0) return Infinity;
  const { ours, raw } = figures;
  switch (bound.kind) {
    case 'ratio':
      return (figures.ratio?.value ?? Infinity) / bound.most;
    case 'plus_ms':
      return ours === undefined || raw === undefined
        ? Infinity
        : Math.max(0, ours.p50 - raw.p50) / bound.most;
    case 'rate':
      return Math.max(
        bound.leastPerSecond / (figures.perSecond ?? 0),
        (ours?.p99 ?? Infinity) / bound.p99Ms,
      );
    case 'amount':
      return (figures.amount ?? Infinity) / bound.most;
  }
}

export function boundText(bound: Bound): string {
  switch (bound.kind) {
    case 'ratio':
      return `≤ ${bound.most}×`;
    case 'plus_ms':
      return `≤ +${bound.most} ms`;
    case 'rate':
      return `≥ ${bound.leastPerSecond}/s, p99 ≤ ${bound.p99Ms} ms`;
    case 'amount':
      return `≤ ${bound.most} ${bound.unit}`;
    case 'none':
      return '–';
  }
}
