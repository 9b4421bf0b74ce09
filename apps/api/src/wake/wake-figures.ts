import type { Histogram } from '@sandboxed/domain';
import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import type { Series } from '../exposition.ts';

/** How a request that had to wait for its app went on: `gone`, the client did not wait, or got the waiting page. */
const OUTCOMES = ['ready', 'failed', 'gone'] as const;
export type WakeOutcome = (typeof OUTCOMES)[number];

/** How long requests were held for apps that slept, in this process alone; it begins anew with it. */
export interface WakeFigures {
  observe(outcome: WakeOutcome, seconds: number): void;
  all(): readonly Series[];
}

export function createWakeFigures(): WakeFigures {
  const held = new Map<WakeOutcome, Histogram>();
  const of = (outcome: WakeOutcome): Histogram =>
    held.get(outcome) ?? NO_DURATIONS;
  return {
    observe(outcome, seconds) {
      held.set(outcome, withDuration(of(outcome), seconds));
    },
    all: () =>
      OUTCOMES.map((outcome) => ({
        labels: { outcome },
        histogram: of(outcome),
      })),
  };
}
