import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { NotFoundError } from '@sandboxed/sdk';
import { useSession } from '../../session/session.ts';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { readTextFile } from './text-file.ts';

const SAVE_MS = 60_000;

/** Somebody else wrote the file since it was opened. */
export class ChangedMeanwhileError extends Error {
  constructor(path: string) {
    super(`${path} was changed since you opened it.`);
  }
}

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
      const signal = AbortSignal.timeout(SAVE_MS);
      const there = await readTextFile(client, sbx.id, path, signal).catch(
        (error: unknown) => {
          if (error instanceof NotFoundError) return undefined;
          throw error;
        },
      );
      if (!anyway && there?.version !== file.data?.version)
        throw new ChangedMeanwhileError(path);
      await sbx.files.write(path, text);
      const written = await readTextFile(client, sbx.id, path, signal);
      queries.setQueryData(queryKey, { ...written, text });
    },
  });
  return { file, save };
}
