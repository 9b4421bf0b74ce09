import { z } from 'zod';
import { call } from '../stack.ts';

const keySchema = z.looseObject({ status: z.string() });

/** Which of `ids` still are sandboxes, or keys that open something, in words; takes them away. A page leaves nothing behind. */
export async function removeLeftOver(
  ids: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of ids) {
    const sandbox = await call('GET', `/v1/sandboxes/${id}`);
    if (sandbox.status === 200) {
      found.push(`sandbox ${id}`);
      await call('POST', `/v1/sandboxes/${id}/purge?wait=60`);
    }
    const key = keySchema.safeParse((await call('GET', `/v1/keys/${id}`)).body);
    if (key.data?.status === 'active') {
      found.push(`key ${id}`);
      await call('DELETE', `/v1/keys/${id}`);
    }
  }
  return found;
}
