import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';

/** Asks before a sandbox goes, and whether its files go, too. */
export function DeleteDialog({
  title,
  onClose,
  onDelete,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onDelete: (keepsFiles: boolean) => void;
}) {
  const [keepsFiles, setKeepsFiles] = useState(true);
  return (
    <Dialog title={`Delete ${title}?`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onDelete(keepsFiles);
        }}
      >
        <p>What runs in it is ended, and its previews are gone.</p>
        <fieldset>
          <legend>Its files</legend>
          <label>
            <input
              type="radio"
              name="files"
              checked={keepsFiles}
              onChange={() => {
                setKeepsFiles(true);
              }}
            />{' '}
            stay: a sandbox that is made with the same id finds them
          </label>
          <label>
            <input
              type="radio"
              name="files"
              checked={!keepsFiles}
              onChange={() => {
                setKeepsFiles(false);
              }}
            />{' '}
            go, too: nobody can bring them back
          </label>
        </fieldset>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="danger">
            {keepsFiles ? 'Delete' : 'Delete with files'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
