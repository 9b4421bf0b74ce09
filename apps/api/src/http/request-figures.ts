import { NO_DURATIONS, withDuration } from '@sandboxed/domain';
import type { Series } from '../exposition.ts';

/** Which calls belong together. */
interface Kind {
  readonly method: string;
  /** The first path of its route, with parameters in braces; `none` for a call that met no route. */
  readonly route: string;
  readonly status: number;
}

/** How long calls took, held ones and streams to their end, in this process alone; it begins anew with it. */
export interface RequestFigures {
  observe(kind: Kind, seconds: number): void;
  /** Of each method, route and status that there was. */
  all(): readonly Series[];
}

export function createRequestFigures(): RequestFigures {
  const series = new Map<string, Series>();
  return {
    observe({ method, route, status }, seconds) {
      const key = `${method} ${route} ${status}`;
      const known = series.get(key) ?? {
        labels: { method, route, status: String(status) },
        histogram: NO_DURATIONS,
      };
      const histogram = withDuration(known.histogram, seconds);
      series.set(key, { labels: known.labels, histogram });
    },
    all: () => [...series.values()],
  };
}
