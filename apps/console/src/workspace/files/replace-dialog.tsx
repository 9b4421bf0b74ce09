import { Dialog } from '../../ui/dialog.tsx';

/** More are only counted. */
const NAMED = 10;

/** Asks once for all files whose place is taken whether what is there goes. */
export function ReplaceDialog({
  paths,
  onKeep,
  onReplace,
}: {
  readonly paths: readonly string[];
  readonly onKeep: () => void;
  readonly onReplace: () => void;
}) {
  const [only] = paths;
  const more = paths.length - NAMED;
  return (
    <Dialog
      title={
        paths.length === 1
          ? `Replace ${only ?? ''}?`
          : `Replace ${paths.length} files?`
      }
      onClose={onKeep}
    >
      {paths.length === 1 ? (
        <p>There is one of that name.</p>
      ) : (
        <>
          <p>There are some of these names:</p>
          <ul className="break">
            {paths.slice(0, NAMED).map((path) => (
              <li key={path}>{path}</li>
            ))}
            {more > 0 && <li>and {more} more</li>}
          </ul>
        </>
      )}
      <p>
        What is there cannot be brought back, but by going back to before a
        task.
      </p>
      <div className="actions">
        <button type="button" onClick={onKeep}>
          Keep what is there
        </button>
        <button type="button" className="danger" onClick={onReplace}>
          Replace
        </button>
      </div>
    </Dialog>
  );
}
