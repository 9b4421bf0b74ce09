import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSession } from '../../session/session.ts';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { readTextFile } from './text-file.ts';

const SAVE_MS = 60_000;

/** A file that is open, and how it is saved: not over what somebody else wrote meanwhile, unless told to. */
export function useFile(path: string) {
  const { client } = useSession();
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const queryKey = workspaceKey(sbx.id, 'file', path);
  const file = useQuery({
    queryKey,
    queryFn: ({ signal }) => readTextFile(client, sbx.id, path, signal),
    // What is under somebody's hands is not exchanged behind their back.
    staleTime: Infinity,
    gcTime: 0,
  });
  const save = useMutation({
    mutationFn: async ({
      text,
      anyway,
    }: {
      readonly text: string;
      readonly anyway: boolean;
    }) => {
      const version = file.data?.version;
      const signal = AbortSignal.timeout(SAVE_MS);
      const { etag } = await sbx.files.write(path, text, {
        signal,
        ...(!anyway && version !== undefined && { ifMatch: version }),
      });
      queries.setQueryData(queryKey, { text, version: etag });
    },
  });
  return { file, save };
}
