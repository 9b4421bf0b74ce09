import type { Bench } from '../case.ts';
import type { RawContainer } from '../raw.ts';

/** Gives `work` a sandbox and a container by hand that serve the same app, and takes both away again. */
export async function besideServer<T>(
  { client, raw, create }: Bench,
  work: (id: string, container: RawContainer) => Promise<T>,
): Promise<T> {
  const id = await create();
  await client.serve(id);
  const container = await raw.serve();
  const figures = await work(id, container);
  await container.remove();
  await client.purge(id);
  return figures;
}
