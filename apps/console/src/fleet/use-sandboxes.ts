import { useQuery } from '@tanstack/react-query';
import type { SandboxInfo } from '@sandboxed/sdk';
import { Sandbox } from '@sandboxed/sdk';
import { useSession } from '../session/session.ts';

/** At most so many are shown; a filter finds the others. */
export const SHOWN = 200;
const REFRESH_MS = 5_000;

/** The newest sandboxes, kept true. */
export function useSandboxes() {
  const { connection } = useSession();
  return useQuery({
    queryKey: ['sandboxes'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const found: SandboxInfo[] = [];
      for await (const { info } of Sandbox.list({ ...connection, signal })) {
        found.push(info);
        if (found.length === SHOWN) break;
      }
      return found;
    },
  });
}
