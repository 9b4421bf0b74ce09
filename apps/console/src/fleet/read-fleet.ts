import type { AnswerOf, CallOf } from '@sandboxed/sdk';

type Page = AnswerOf<'/v1/sandboxes', 'get'>;
type Query = NonNullable<CallOf<'/v1/sandboxes', 'get'>['query']>;

/** A sandbox of the list, with what it used when it was last sampled. */
export type Listed = Page['items'][number];
export type State = Listed['status'];

/** What is looked for; a text is looked for in names, ids, images and labels. */
export interface FleetFilter {
  readonly status: Exclude<State, 'deleted'> | undefined;
  readonly text: string;
}

/** What was found, newest first. */
export interface Fleet {
  readonly items: readonly Listed[];
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean;
  /** How many were looked at when it was given up; undefined when all were. */
  readonly lookedAt: number | undefined;
}

/** As many are asked for at once. */
export const PAGE = 200;
/** No more are looked at for a text: a person narrows it down instead. */
export const MOST_LOOKED_AT = 2_000;

/** Reads pages until `wanted` fit the filter. */
export async function readFleet(
  read: (query: Query) => Promise<Page>,
  { status, text }: FleetFilter,
  wanted: number,
): Promise<Fleet> {
  const found: Listed[] = [];
  let looked = 0;
  let cursor: string | undefined;
  do {
    const page = await read({
      limit: PAGE,
      ...(status !== undefined && { status }),
      ...(cursor !== undefined && { cursor }),
    });
    looked += page.items.length;
    found.push(...page.items.filter((item) => fits(item, text)));
    cursor = page.next_cursor ?? undefined;
  } while (
    cursor !== undefined &&
    found.length < wanted &&
    looked < MOST_LOOKED_AT
  );
  const isCut = cursor !== undefined && found.length < wanted;
  return {
    items: found.slice(0, wanted),
    hasMore: found.length > wanted || (cursor !== undefined && !isCut),
    lookedAt: isCut ? looked : undefined,
  };
}

/** Whether all words of a text are in what one sees of a sandbox, whatever their case. */
function fits({ id, name, image, labels }: Listed, text: string): boolean {
  const seen = [
    ...[id, name ?? '', image],
    ...Object.entries(labels).map(([key, value]) => `${key}:${value}`),
  ]
    .join('\n')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => seen.includes(word));
}
