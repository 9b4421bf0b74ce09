/** The first of a list that is read page by page, which reads no further than that. */
export async function firstOf<T>(
  items: AsyncIterable<T>,
  most: number,
): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
    if (found.length >= most) break;
  }
  return found;
}
