/** What an ended process leaves on disk. */
type Ended = {
  readonly id: string;
  readonly endedAtMs: number;
  readonly bytes: number;
};

/** Ids of the ended processes that are no longer kept, since newer ones are at the bounds. The newest always stays. */
export function surplus(
  ended: readonly Ended[],
  most: { readonly count: number; readonly bytes: number },
): string[] {
  let sum = 0;
  return [...ended]
    .sort((a, b) => b.endedAtMs - a.endedAtMs)
    .filter(({ bytes }, newer) => {
      sum += bytes;
      return newer >= most.count || (newer > 0 && sum > most.bytes);
    })
    .map(({ id }) => id);
}
