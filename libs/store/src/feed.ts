import type { EventRecord } from '@sandboxed/domain';
import { z } from 'zod';
import { toEvent } from './events.ts';
import type { Session } from './session.ts';

/** An event of a sandbox's own log, and whose it is. */
export interface FeedEvent {
  readonly tenant: string;
  readonly event: EventRecord;
}

/** What all sandboxes tell, read from one end of the event log. */
export interface Feed {
  /** The number of the newest event of all; 0 before the first. */
  newest(): number;
  /**
   * Events of all sandboxes' own logs whose numbers are above `after` and at most `last`, oldest first. Output that lies between costs
   * a look at each row, so callers ask for few numbers at once.
   */
  between(after: number, last: number): readonly FeedEvent[];
}

/** The feed on one connection. */
export function createFeed({ db }: Session): Feed {
  const newest = db
    .prepare(
      `SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)`,
    )
    .pluck();
  // The plus keeps SQLite on the order of numbers, which is that of the answer.
  const between = db.prepare<[number, number]>(
    `SELECT e.*, s.tenant FROM events AS e JOIN sandboxes AS s ON s.id = e.sandbox_id
     WHERE e.seq > ? AND e.seq <= ? AND +e.type IN ('state', 'job', 'finding', 'disk') ORDER BY e.seq`,
  );
  return {
    newest: () => z.int().parse(newest.get()),
    between: (after, last) =>
      between.all(after, last).map((raw) => {
        const { tenant, ...event } = ownedSchema.parse(raw);
        return { tenant, event: toEvent(event) };
      }),
  };
}

const ownedSchema = z.looseObject({ tenant: z.string() });
