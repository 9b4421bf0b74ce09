/** Does `work` for every item, `lanes` at a time. `work` must not reject: that would end its lane. */
export async function inLanes<T>(
  items: Iterable<T>,
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop())
      await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
