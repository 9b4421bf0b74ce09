import type { components } from '@sandboxed/sdk';
import { spanOf } from '../ui/span.ts';
import { barsOf } from './bars.ts';

/** Where the time of a job went. */
export function Timings({
  timings,
}: {
  readonly timings: components['schemas']['JobTimings'];
}) {
  return (
    <section>
      <h2>Where the time went: {spanOf(timings.total_ms)}</h2>
      <ul className="timings">
        {barsOf(timings).map(({ name, ms, from, width }, index) => (
          <li key={index}>
            <span>{name}</span>
            <span className="ms">{spanOf(ms)}</span>
            <span className="lane" aria-hidden="true">
              <span
                style={{ marginLeft: `${from}%`, width: `max(2px, ${width}%)` }}
              />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
