import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { SandboxDetails } from '@sandboxed/sdk';
import { Sandbox } from '@sandboxed/sdk';
import { createContext, useContext, useEffect, useRef } from 'react';
import { useSession } from '../session/session.ts';
import { useVisible } from '../ui/use-visible.ts';

/** The sandbox of the page: what can be done with it, and how it is. */
export interface Workspace {
  readonly sbx: Sandbox;
  readonly details: SandboxDetails;
}

/** The query of everything on the page of a sandbox begins so. */
export const workspaceKey = (id: string, ...rest: readonly string[]) => [
  'workspace',
  id,
  ...rest,
];

export const WorkspaceContext = createContext<Workspace | undefined>(undefined);

/** The sandbox of the page; only below `WorkspacePage`. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === undefined) throw new Error('There is no sandbox here.');
  return workspace;
}

/** Figures have no events. */
const REFRESH_MS = 5_000;

/** Reads a sandbox and keeps it true while it is seen: again at each event of its own log, and every few seconds for its figures. */
export function useSandbox(id: string) {
  const { connection } = useSession();
  const queries = useQueryClient();
  const isSeen = useVisible();
  const last = useRef<string>(undefined);
  const found = useQuery({
    queryKey: workspaceKey(id, 'sandbox'),
    queryFn: ({ signal }) => Sandbox.connect(id, { ...connection, signal }),
    staleTime: Infinity,
  });
  const sbx = found.data;
  const asked = useQuery({
    queryKey: workspaceKey(id, 'details'),
    queryFn: ({ signal }) => sbx?.refresh({ signal }) ?? null,
    enabled: sbx !== undefined,
    refetchInterval: REFRESH_MS,
  });
  useEffect(() => {
    // A browser has six connections for all tabs together; what is missed meanwhile comes when this one is seen again.
    if (sbx === undefined || !isSeen) return;
    const left = new AbortController();
    const listen = async () => {
      const { signal } = left;
      const from = last.current === undefined ? {} : { after: last.current };
      for await (const { type, id: at } of sbx.events({ signal, ...from })) {
        if (signal.aborted) return;
        last.current = at ?? last.current;
        await queries.invalidateQueries({
          queryKey: workspaceKey(id),
          // What was opened once stays the same sandbox, and text under somebody's hands is theirs.
          predicate: ({ queryKey: [, , what] }) =>
            what !== 'sandbox' &&
            what !== 'file' &&
            (type === 'state' || type === 'job' || what === 'details'),
        });
      }
    };
    // The page's own reads tell what is wrong with the connection.
    listen().catch(() => undefined);
    return () => {
      left.abort();
    };
  }, [sbx, id, queries, isSeen]);
  return {
    sbx,
    details: asked.data ?? undefined,
    error: found.error ?? asked.error,
    again: () => void (sbx === undefined ? found.refetch() : asked.refetch()),
  };
}
