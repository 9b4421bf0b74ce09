import type { Finding } from '@sandboxed/domain';
import type { WorkerDeps } from './context.ts';

type Known = Pick<Finding, 'subject' | 'kind'>;

/** One look at a part of the world, which tells what is new in it and closes what is no more. */
export interface Look {
  /** Tells of a finding, unless it was told before. Joins the transaction it is called in. */
  note(finding: Finding): void;
  /** Everything was looked at: what was known and was not seen again is over. */
  end(): void;
}

/** `known`: open findings about what is looked at. Begin before the facts are read. */
export function beginLook(
  { store, now, logger }: Pick<WorkerDeps, 'store' | 'now' | 'logger'>,
  known: readonly Known[],
): Look {
  const seenAt = now();
  const seen = new Set<string>();
  const key = ({ subject, kind }: Known): string => `${kind} ${subject}`;
  return {
    note(finding) {
      seen.add(key(finding));
      if (!store.findings.note(finding, seenAt, now())) return;
      const { kind, subject, sandboxId, action, message } = finding;
      logger.warn({ kind, subject, sandboxId, action }, message);
    },
    end() {
      for (const each of known)
        if (!seen.has(key(each))) store.findings.close(each, seenAt, now());
    },
  };
}
