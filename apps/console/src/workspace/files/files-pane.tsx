import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PreconditionFailedError } from '@sandboxed/sdk';
import { useCallback, useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { useWorkspace, workspaceKey } from '../use-workspace.ts';
import { Directory } from './directory.tsx';
import { FileView } from './file-view.tsx';
import { NameDialog } from './name-dialog.tsx';
import { isIn, parentOf, within } from './tree.ts';
import { Upload } from './upload.tsx';
import './files.css';

interface Chosen {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** The app directory, also while the sandbox sleeps, and one file of it to be changed. */
export function FilesPane() {
  const { sbx } = useWorkspace();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen>();
  const [opened, setOpened] = useState<string>();
  const [wanted, setWanted] = useState<string>();
  const [isDirty, setDirty] = useState(false);
  const [readings, setReadings] = useState(0);
  const [asks, setAsks] = useState<'file' | 'folder' | 'move' | 'remove'>();
  const look = () =>
    queries.invalidateQueries({ queryKey: workspaceKey(sbx.id, 'files') });
  const directory =
    chosen === undefined
      ? ''
      : chosen.isDirectory
        ? chosen.path
        : parentOf(chosen.path);
  const open = (path: string | undefined) => {
    if (isDirty && path !== opened && path !== undefined) setWanted(path);
    else setOpened(path);
  };
  const isOpen = (path: string) => opened !== undefined && isIn(opened, path);
  /** What was at a path is no longer there; a file that is open elsewhere stays so, with what was changed in it. */
  const forget = (path: string) => {
    setChosen(undefined);
    if (!isOpen(path)) return;
    setOpened(undefined);
    setDirty(false);
  };
  /** Shows an open file as it is now. */
  const readAgain = (path: string) => {
    queries.removeQueries({ queryKey: workspaceKey(sbx.id, 'file', path) });
    setReadings(readings + 1);
  };
  const remove = useMutation({
    mutationFn: (path: string) => sbx.files.remove(path, { recursive: true }),
    onSuccess: (_, path) => {
      forget(path);
    },
    onSettled: look,
  });
  const close = useCallback(() => {
    setAsks(undefined);
  }, []);
  return (
    <div className="files">
      <div className="stack">
        <div className="row">
          <button
            type="button"
            onClick={() => {
              setAsks('file');
            }}
          >
            New file
          </button>
          <button
            type="button"
            onClick={() => {
              setAsks('folder');
            }}
          >
            New folder
          </button>
          <Upload
            directory={directory}
            onWritten={(paths) => {
              void look();
              if (opened !== undefined && !isDirty && paths.includes(opened))
                readAgain(opened);
            }}
          />
        </div>
        {chosen !== undefined && (
          <div className="row">
            <button
              type="button"
              onClick={() => {
                setAsks('move');
              }}
            >
              Rename
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => {
                setAsks('remove');
              }}
            >
              Remove
            </button>
          </div>
        )}
        {remove.error !== null && <Failure error={remove.error} />}
        <Directory
          path=""
          chosen={chosen?.path}
          onChoose={(path, type) => {
            setChosen({ path, isDirectory: type === 'directory' });
            if (type === 'file') open(path);
          }}
        />
      </div>
      {opened === undefined ? (
        <p className="faint">Choose a file to see it.</p>
      ) : (
        <FileView
          key={`${readings} ${opened}`}
          path={opened}
          onDirty={setDirty}
        />
      )}
      {asks === 'file' && (
        <NameDialog
          title="New file"
          start={within(directory, '')}
          onClose={close}
          onName={async (path) => {
            await sbx.files
              .write(path, '', { ifNew: true })
              .catch((error: unknown) => {
                // One that is there is opened.
                if (!(error instanceof PreconditionFailedError)) throw error;
              });
            setChosen({ path, isDirectory: false });
            open(path);
          }}
        />
      )}
      {asks === 'folder' && (
        <NameDialog
          title="New folder"
          start={within(directory, '')}
          onClose={close}
          onName={(path) => sbx.files.mkdir(path)}
        />
      )}
      {asks === 'move' && chosen !== undefined && (
        <NameDialog
          title="Rename"
          start={chosen.path}
          onClose={close}
          onName={async (path) => {
            if (isDirty && isOpen(chosen.path))
              throw new Error(
                `Save what you changed in ${opened ?? ''} first.`,
              );
            await sbx.files.move(chosen.path, path, { ifNew: true });
            forget(chosen.path);
          }}
        />
      )}
      {asks === 'remove' && chosen !== undefined && (
        <Dialog title={`Remove ${chosen.path}?`} onClose={close}>
          <p>
            {chosen.isDirectory
              ? 'It goes with all that is in it.'
              : 'It cannot be brought back, but by going back to before a task.'}
          </p>
          <div className="actions">
            <button type="button" onClick={close}>
              Keep
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => {
                close();
                remove.mutate(chosen.path);
              }}
            >
              Remove
            </button>
          </div>
        </Dialog>
      )}
      {wanted !== undefined && (
        <Dialog
          title="Leave without saving?"
          onClose={() => {
            setWanted(undefined);
          }}
        >
          <p>What you changed in {opened} is lost.</p>
          <div className="actions">
            <button
              type="button"
              onClick={() => {
                setWanted(undefined);
              }}
            >
              Stay
            </button>
            <button
              type="button"
              className="danger"
              onClick={() => {
                setDirty(false);
                setOpened(wanted);
                setWanted(undefined);
              }}
            >
              Leave
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
