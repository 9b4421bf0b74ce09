import { useMutation } from '@tanstack/react-query';
import { PreconditionFailedError } from '@sandboxed/sdk';
import { lazy, useEffect, useState } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { LoadedLater } from '../../ui/loaded-later.tsx';
import { useWorkspace } from '../use-workspace.ts';
import { ChangedMeanwhile } from './changed-meanwhile.tsx';
import { download } from './download.ts';
import { useFile } from './use-file.ts';

/** Large, and loaded by who opens a file. */
const Editor = lazy(async () => {
  const { Editor: editor } = await import('./editor.tsx');
  return { default: editor };
});

/** One file: its text to be changed, or to be taken away where it is none. */
export function FileView({
  path,
  onDirty,
}: {
  readonly path: string;
  readonly onDirty: (isDirty: boolean) => void;
}) {
  const { sbx } = useWorkspace();
  const { file, save } = useFile(path);
  const taken = useMutation({ mutationFn: () => download(sbx, path) });
  const [draft, setDraft] = useState<string>();
  const [begun, setBegun] = useState<string>();
  const text = file.data?.text;
  // An editor begins with what was read first; what is saved is in it already.
  if (begun === undefined && text !== undefined) setBegun(text);
  const isDirty = draft !== undefined && draft !== text;
  useEffect(() => {
    onDirty(isDirty);
  }, [isDirty, onDirty]);
  const put = (anyway: boolean) => {
    if (draft !== undefined && !save.isPending)
      save.mutate({ text: draft, anyway });
  };
  const again = async () => {
    setDraft(undefined);
    save.reset();
    const { data } = await file.refetch();
    setBegun(data?.text);
  };
  return (
    <div className="stack">
      <div className="row">
        <code className="grow break">{path}</code>
        <span role="status" className="faint">
          {save.isPending
            ? 'Saving…'
            : isDirty
              ? 'Not saved'
              : save.isSuccess
                ? 'Saved'
                : ''}
        </span>
        <button
          type="button"
          onClick={() => {
            if (!taken.isPending) taken.mutate();
          }}
        >
          Download
        </button>
        {begun !== undefined && (
          <button
            type="button"
            className="primary"
            aria-disabled={!isDirty}
            onClick={() => {
              put(false);
            }}
          >
            Save
          </button>
        )}
      </div>
      {save.error instanceof PreconditionFailedError ? (
        <ChangedMeanwhile
          path={path}
          onTake={() => void again()}
          onKeep={() => {
            put(true);
          }}
        />
      ) : (
        save.error !== null && <Failure error={save.error} />
      )}
      {taken.error !== null && <Failure error={taken.error} />}
      {file.error !== null && (
        <Failure error={file.error} onAgain={() => void file.refetch()} />
      )}
      {file.isPending && <p aria-busy="true">Loading…</p>}
      {file.data !== undefined && text === undefined && (
        <p>This is no text. Download it to look at it.</p>
      )}
      {begun !== undefined && (
        <LoadedLater>
          <Editor
            path={path}
            text={begun}
            onChange={setDraft}
            onSave={() => {
              put(false);
            }}
          />
        </LoadedLater>
      )}
    </div>
  );
}
