import { isDeepStrictEqual } from 'node:util';
import type { ToldRecord } from '../invariants/told.ts';
import { createTold } from '../invariants/told.ts';
import type { History } from './history.ts';
import { createHistory } from './history.ts';

/** Contents that a file may have; undefined is no file. */
type Contents = ReadonlySet<string | undefined>;

/** One sandbox of the pool, as far as clients know. */
export interface Subject {
  readonly id: string;
  /** `maybe` from the moment a removal or a create is sent until it is settled. */
  exists: 'yes' | 'no' | 'maybe';
  /** How often a removal was sent. */
  removals: number;
  /** The fake agent is in place. */
  isEquipped: boolean;
  /** A service answers on port 3000. */
  isServing: boolean;
  /** How often it was declared: each time it may be started again. */
  declarations: number;
  /** Until then a task or a revert may start the app again, which breaks off what it answers. By `performance.now()`. */
  mayRestartUntil: number;
  /** A purge or revert was sent since the last quiet point: nothing is known of its files. */
  isDisturbed: boolean;
  /** A purge was sent since then. */
  isPurged: boolean;
  /** The last jobs, newest last, at most 20. */
  readonly jobs: string[];
  readonly tasks: string[];
  /** By path in the app directory. */
  readonly files: Map<string, Contents>;
}

/** Lines of a file beside the app directory, each of them once there or never. */
export interface Line {
  readonly sandboxId: string;
  readonly file: string;
  readonly line: string;
}

/** What clients did and were told. */
export interface TortureRecord {
  readonly told: ToldRecord;
  readonly subjects: Map<string, Subject>;
  /** Readers of a sandbox's own log. */
  readonly sandboxStreams: {
    readonly sandboxId: string;
    readonly after: number;
    readonly seqs: readonly number[];
  }[];
  /** Requests that an app answered and commands that succeeded: their line is there once. */
  readonly once: Line[];
  /** Commands that were refused: they never ran. */
  readonly refused: Line[];
  readonly history: History;
  /** By kind of operation and how it went. */
  readonly counts: Map<string, Map<string, number>>;
  readonly violations: string[];
  count(kind: string, outcome: string): void;
  violate(sentence: string): void;
  accepted(jobId: string, kind: string, sandboxId: string): void;
  ended(jobId: string, status: string, result: unknown): void;
  /** Drops what was checked; `isKept` says of a job whether a client may still ask for it. */
  settle(isKept: (jobId: string) => boolean): void;
}

/** `onViolation` hears each sentence once. */
export function createRecord(
  onViolation: (sentence: string) => void = () => undefined,
): TortureRecord {
  const told = createTold();
  const sandboxStreams: TortureRecord['sandboxStreams'] = [];
  const subjects = new Map<string, Subject>();
  const counts = new Map<string, Map<string, number>>();
  const violations: string[] = [];
  /** Ends that were told before the last quiet point. */
  const past = new Map<
    string,
    { readonly status: string; readonly result?: unknown }
  >();
  const violate = (sentence: string): void => {
    if (violations.includes(sentence)) return;
    violations.push(sentence);
    onViolation(sentence);
  };
  return {
    told,
    subjects,
    sandboxStreams,
    once: [],
    refused: [],
    history: createHistory(),
    counts,
    violations,
    violate,
    count(kind, outcome) {
      const of = counts.get(kind) ?? new Map<string, number>();
      of.set(outcome, (of.get(outcome) ?? 0) + 1);
      counts.set(kind, of);
    },
    accepted(jobId, kind, sandboxId) {
      told.jobs.set(jobId, { kind, sandboxId });
      const subject = subjects.get(sandboxId);
      if (subject === undefined) return;
      for (const list of kind === 'task'
        ? [subject.jobs, subject.tasks]
        : [subject.jobs]) {
        if (list.includes(jobId)) continue;
        list.push(jobId);
        if (list.length > 20) list.shift();
      }
    },
    ended(jobId, status, result) {
      const before = told.answers.get(jobId) ?? past.get(jobId);
      const now = { status, ...(result !== undefined && { result }) };
      if (before !== undefined && !isDeepStrictEqual(before, now))
        violate(
          `job ${jobId} was told to be ${JSON.stringify(before)}, later ${JSON.stringify(now)}`,
        );
      if (!past.has(jobId)) told.answers.set(jobId, now);
    },
    settle(isKept) {
      for (const [id, answer] of told.answers) past.set(id, answer);
      for (const id of past.keys()) if (!isKept(id)) past.delete(id);
      told.answers.clear();
      told.jobs.clear();
      told.streams.length = 0;
      sandboxStreams.length = 0;
    },
  };
}

export function createSubject(id: string): Subject {
  return {
    id,
    exists: 'maybe',
    removals: 0,
    isEquipped: false,
    isServing: false,
    declarations: 0,
    mayRestartUntil: 0,
    isDisturbed: false,
    isPurged: false,
    jobs: [],
    tasks: [],
    files: new Map(),
  };
}
