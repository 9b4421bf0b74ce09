import type { Listed } from './read-fleet.ts';

/** What a sandbox used at one time: MiB, and percent of one processor. */
export interface Sample {
  readonly at: string;
  readonly memoryMb: number;
  readonly cpuPercent: number;
}

/** Of each sandbox; they come every 20 s, so these are ten minutes. */
export const MOST_SAMPLES = 30;
/** Sandboxes that are remembered. */
const MOST_KNOWN = 2_000;
const MIB = 1_048_576;

/** What was seen of a fleet while one looks: its last samples, and what became of whom. */
export interface Watch {
  /** Takes a look; answers in words what changed since the last one that asked for the same, or nothing. */
  see(items: readonly Listed[], asked: string): string | undefined;
  samples(id: string): readonly Sample[];
}

/** Remembers those that were seen last, also while a filter hides them. */
export function createWatch(): Watch {
  let known = new Map<
    string,
    { readonly status: string; readonly samples: readonly Sample[] }
  >();
  let last: string | undefined;
  return {
    see(items, asked) {
      const news = asked === last ? items.filter(changed).map(told) : [];
      const seen = items.map(
        (item) =>
          [
            item.id,
            {
              status: item.status,
              samples: withSample(known.get(item.id)?.samples ?? [], item),
            },
          ] as const,
      );
      const ids = new Set(items.map(({ id }) => id));
      const hidden = [...known].filter(([id]) => !ids.has(id));
      known = new Map([...hidden, ...seen].slice(-MOST_KNOWN));
      last = asked;
      if (news.length > 3) return `${news.length} sandboxes changed.`;
      return news.length === 0 ? undefined : news.join(' ');
    },
    samples: (id) => known.get(id)?.samples ?? [],
  };

  function changed({ id, status }: Listed): boolean {
    return known.get(id)?.status !== status;
  }
}

function told({ id, name, status }: Listed): string {
  return `${name ?? id} is ${status === 'error' ? 'in error' : status}.`;
}

/** The line of one that sleeps begins anew. */
function withSample(
  before: readonly Sample[],
  { figures }: Listed,
): readonly Sample[] {
  if (figures === undefined) return [];
  if (before.at(-1)?.at === figures.sampled_at) return before;
  return [
    ...before,
    {
      at: figures.sampled_at,
      memoryMb: figures.memory_bytes / MIB,
      cpuPercent: figures.cpu_percent,
    },
  ].slice(-MOST_SAMPLES);
}
