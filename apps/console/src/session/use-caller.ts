import { useQuery } from '@tanstack/react-query';
import type { AnswerOf } from '@sandboxed/sdk';
import { useSession } from './session.ts';

type Scope = AnswerOf<'/v1/system', 'get'>['caller']['scopes'][number];

/** Whether the caller may do what a scope allows; undefined until that is known. What may be shown goes by it, the API decides. */
export function useMay(scope: Scope): boolean | undefined {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ['caller'],
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await client.json('get', '/v1/system', {}, { signal })).caller,
  });
  return data?.scopes.includes(scope);
}
