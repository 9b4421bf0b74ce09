interface PageOf<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** What a list of the API holds, page by page as it is needed. `read` asks for the page after a cursor. */
export async function* paged<T>(
  read: (after: { readonly cursor?: string }) => Promise<PageOf<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? {} : { cursor });
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
