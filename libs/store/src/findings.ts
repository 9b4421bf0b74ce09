import type { Finding, FindingKind } from '@sandboxed/domain';
import { FINDING_KINDS, RECONCILER } from '@sandboxed/domain';
import { z } from 'zod';
import type { Audit } from './audit.ts';
import type { Session } from './session.ts';

/**
 * What reconciling found. Each is told and counted once, until it is closed or changes, however many workers see it.
 * `seenAt`: when the look began that saw it, or saw it no more; one older than the other's end is disregarded. Milliseconds.
 */
export interface Findings {
  /** Logs and counts a finding, unless it is known. Returns whether it was new. */
  note(finding: Finding, seenAt: number, now: number): boolean;
  /** Counts one that is told by the transition of a row. */
  count(kind: FindingKind): void;
  /** Those that were there when somebody last looked. */
  open(): readonly Pick<Finding, 'subject' | 'kind'>[];
  /** It is no more; seen again, it is told again. */
  close(
    finding: Pick<Finding, 'subject' | 'kind'>,
    seenAt: number,
    now: number,
  ): void;
  /** How often each kind was found since the installation was made. */
  counts(): readonly { readonly kind: FindingKind; readonly n: number }[];
}

/** A closed finding is kept this long, against looks that began before it was closed. Milliseconds. */
const KEEP_CLOSED_MS = 3_600_000;

const rowSchema = z.object({
  subject: z.string(),
  kind: z.string(),
  detail: z.string(),
  at: z.int(),
  closed_at: z.int().nullable(),
});

/** Findings of reconciling on one connection. */
export function createFindings(session: Session, audit: Audit): Findings {
  const { db } = session;
  const select = db.prepare<[string, string]>(
    'SELECT * FROM findings WHERE subject = ? AND kind = ?',
  );
  const put = db.prepare<[string, string, string, number]>(
    'INSERT OR REPLACE INTO findings (subject, kind, detail, at) VALUES (?, ?, ?, ?)',
  );
  const add = db.prepare<[string]>(
    'INSERT INTO finding_counts (kind, n) VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET n = n + 1',
  );
  const open = db.prepare(
    'SELECT subject, kind, detail, at, closed_at FROM findings WHERE closed_at IS NULL',
  );
  const close = db.prepare<[number, string, string, number]>(
    'UPDATE findings SET closed_at = ? WHERE subject = ? AND kind = ? AND closed_at IS NULL AND at < ?',
  );
  const forget = db.prepare<[number]>(
    'DELETE FROM findings WHERE closed_at < ?',
  );
  const counts = db.prepare('SELECT kind, n FROM finding_counts');

  function isKnown(
    subject: string,
    kind: FindingKind,
    detail: string,
    seenAt: number,
  ): boolean {
    const raw = select.get(subject, kind);
    if (raw === undefined) return false;
    const known = rowSchema.parse(raw);
    return known.closed_at === null
      ? known.detail === detail
      : known.closed_at >= seenAt;
  }

  return {
    note({ subject, kind, detail, sandboxId, message, action }, seenAt, now) {
      return session.transaction(() => {
        if (isKnown(subject, kind, detail, seenAt)) return false;
        put.run(subject, kind, detail, now);
        add.run(kind);
        audit.append({
          at_ms: now,
          actor: RECONCILER,
          action: `finding.${kind}`,
          target_kind: sandboxId === undefined ? 'host' : 'sandbox',
          target_id: sandboxId ?? subject,
          outcome: 'succeeded',
          detail: { did: action, subject },
        });
        if (sandboxId !== undefined)
          session.append({
            sandboxId,
            jobId: null,
            type: 'finding',
            data: { kind, message, action, actor: RECONCILER },
            now,
          });
        return true;
      });
    },

    count(kind) {
      add.run(kind);
    },

    open: () =>
      open.all().flatMap((raw) => {
        const { subject, kind } = rowSchema.parse(raw);
        // One that only another version knows is that version's to close.
        const known = FINDING_KINDS.find((each) => each === kind);
        return known === undefined ? [] : [{ subject, kind: known }];
      }),

    close({ subject, kind }, seenAt, now) {
      close.run(now, subject, kind, seenAt);
      forget.run(now - KEEP_CLOSED_MS);
    },

    counts() {
      const found = new Map(
        z
          .array(z.object({ kind: z.string(), n: z.int() }))
          .parse(counts.all())
          .map(({ kind, n }) => [kind, n]),
      );
      return FINDING_KINDS.map((kind) => ({ kind, n: found.get(kind) ?? 0 }));
    },
  };
}
