import { useMutation } from '@tanstack/react-query';
import { Dialog } from './dialog.tsx';
import { Failure } from './failure.tsx';

/** Asks before something is done that cannot be taken back, and closes once it is done. */
export function ConfirmDialog({
  title,
  text,
  verb,
  act,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const done = useMutation({ mutationFn: act, onSuccess: onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {done.error !== null && <Failure error={done.error} />}
      <div className="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          aria-disabled={done.isPending}
          onClick={() => {
            if (!done.isPending) done.mutate();
          }}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
