import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace } from '../use-workspace.ts';
import { ReplaceDialog } from './replace-dialog.tsx';
import type { Sent } from './send-files.ts';
import { sendFiles } from './send-files.ts';
import { within } from './tree.ts';

/** Takes files of the caller's into a directory; asks once before any of them replaces what is there. */
export function Upload({
  directory,
  onWritten,
}: {
  readonly directory: string;
  readonly onWritten: (paths: readonly string[]) => void;
}) {
  const { sbx } = useWorkspace();
  const [taken, setTaken] = useState<readonly Sent[]>([]);
  const { mutate, isPending, data } = useMutation({
    mutationFn: (given: {
      readonly sent: readonly Sent[];
      readonly replaces: boolean;
    }) => sendFiles(sbx.files, given.sent, given),
    onSuccess: (outcome) => {
      setTaken(outcome.taken);
      onWritten(outcome.written);
    },
  });
  return (
    <>
      <label className="upload" aria-disabled={isPending}>
        {isPending ? 'Uploading…' : 'Upload'}
        <input
          type="file"
          multiple
          className="unseen"
          disabled={isPending}
          onChange={({ target }) => {
            const sent = [...(target.files ?? [])].map((file) => ({
              path: within(directory, file.name),
              file,
            }));
            // Else the same file could not be chosen again.
            target.value = '';
            if (sent.length > 0) mutate({ sent, replaces: false });
          }}
        />
      </label>
      {data?.failed !== undefined && (
        <div>
          <p className="problem break">
            {data.failed.path} was not uploaded, nor what was chosen after it.
          </p>
          <Failure error={data.failed.error} />
        </div>
      )}
      {taken.length > 0 && (
        <ReplaceDialog
          paths={taken.map(({ path }) => path)}
          onKeep={() => {
            setTaken([]);
          }}
          onReplace={() => {
            setTaken([]);
            mutate({ sent: taken, replaces: true });
          }}
        />
      )}
    </>
  );
}
