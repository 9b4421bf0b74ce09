import type { Figures } from './figures.ts';

/** MiB that the database of the soak may have, of which the newest minute is not trimmed. */
export const HISTORY_MAX_MB = 4;
const MIB = 1_048_576;

/**
 * What a process has whose heap is full of garbage, of 160 MiB in the soak. One that gave its memory back in between begins anew to fill
 * it, in whichever round; one that leaks ends for want of it.
 */
export const FULL_HEAP_KIB = 220 * 1_024;

/** What a figure may be at the end of a soak, given what it was after the first round, of memory the second. */
interface Bound {
  readonly names: RegExp;
  readonly most: (first: number) => number;
}

/** The first one that fits a name counts. A retention is a number of its own; of all else only so much may be noise. */
const BOUNDS: readonly Bound[] = [
  // Kept for a day: a repeated request finds its first answer.
  { names: /^database idempotency$/, most: () => Infinity },
  { names: /^database (jobs|events)$/, most: (first) => 1.5 * first + 1_000 },
  // How much of it is the audit log, which is left out, trimming only estimates.
  { names: /^database bytes$/, most: () => (HISTORY_MAX_MB + 6) * MIB },
  {
    names: /^database file bytes$/,
    most: () => (4 * HISTORY_MAX_MB + 32) * MIB,
  },
  { names: /^database log bytes$/, most: () => 70 * MIB },
  // A purged sandbox stays on record for a while.
  { names: /^database sandboxes$/, most: (first) => first + 60 },
  // Two workers, and the api, which runs commands too. A clock that is set on takes all for dead until they are heard of again.
  { names: /^database workers$/, most: () => 3 },
  { names: /^database /, most: (first) => first + 2 },
  // An agent keeps 200 ended processes: a directory with two files each.
  { names: / run files$/, most: () => 3 * 200 + 50 },
  { names: /^redis longest stream$/, most: () => 1_200 },
  { names: /^redis output buffers$/, most: () => 65_536 },
  { names: /^redis used KiB$/, most: (first) => 1.2 * first + 4_096 },
  {
    names: /memory KiB$/,
    most: (first) => Math.max(1.2 * first + 32_768, FULL_HEAP_KIB),
  },
  {
    names: /(handles|sockets|threads|clients|keys)$/,
    most: (first) => 1.2 * first + 16,
  },
  { names: /^(files|containers)/, most: (first) => first + 2 },
];

/** Figures that have grown beyond their bound, with all their values. */
export function grown(rounds: readonly Figures[]): readonly string[] {
  const [first = {}, second = first] = rounds;
  const last = rounds.at(-1) ?? {};
  return Object.entries(last).flatMap(([name, value]) => {
    const most =
      BOUNDS.find(({ names }) => names.test(name))?.most ??
      ((before: number) => 1.2 * before + 16);
    // A heap is still being filled in the first round, however little is kept.
    const base = name.endsWith('memory KiB') ? second : first;
    const limit = most(base[name] ?? 0);
    if (value <= limit) return [];
    const values = rounds.map((figures) => figures[name]).join(' → ');
    return [`${name}: ${values} (at most ${Math.round(limit)})`];
  });
}
