import type {
  EventData,
  EventRecord,
  EventType,
  JobId,
  SandboxId,
} from '@sandboxed/domain';
import { eventRecordSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { json } from './rows.ts';
import type { Session } from './session.ts';

export interface NewEvent<T extends EventType> {
  readonly sandboxId: SandboxId;
  readonly jobId: JobId | null;
  readonly type: T;
  readonly data: EventData<T>;
  readonly now: number;
}

/** The append-only event log. */
export interface Events {
  append<T extends EventType>(event: NewEvent<T>): number;
  /** Events of one job (or one sandbox: types `state`, `job`, `finding` and `disk` only) after `seq`, oldest first. */
  after(
    scope: { readonly jobId: JobId } | { readonly sandboxId: SandboxId },
    seq: number,
    limit: number,
  ): readonly EventRecord[];
  /** The oldest event kept in the sandboxes' own logs (types `state` and `job`): all before it were trimmed. Without any, the next one to come. */
  oldest(): number;
}

/** The event log on one connection. */
export function createEvents(session: Session): Events {
  const { db } = session;
  const ofJob = db.prepare<[string, number, number]>(
    `SELECT * FROM events WHERE job_id = ? AND type NOT IN ('state', 'job') AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const ofSandbox = db.prepare<[string, number, number]>(
    `SELECT * FROM events WHERE sandbox_id = ? AND type IN ('state', 'job', 'finding', 'disk') AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const oldest = db
    .prepare(
      `SELECT COALESCE((SELECT seq FROM events WHERE type IN ('state', 'job') ORDER BY seq LIMIT 1),
         (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'events'), 1)`,
    )
    .pluck();
  return {
    append: (event) => session.transaction(() => session.append(event)),
    after(scope, seq, limit) {
      const rows =
        'jobId' in scope
          ? ofJob.all(scope.jobId, seq, limit)
          : ofSandbox.all(scope.sandboxId, seq, limit);
      return rows.map(toEvent);
    },
    oldest: () => z.int().parse(oldest.get()),
  };
}

/** Parses a row of the log. */
export function toEvent(raw: unknown): EventRecord {
  const row = z.record(z.string(), z.unknown()).parse(raw);
  return eventRecordSchema.parse({ ...row, data: json(row['data']) });
}
