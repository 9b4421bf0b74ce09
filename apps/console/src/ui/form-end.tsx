import { Failure } from './failure.tsx';

/** The end of a dialog's form: what went wrong, a way out, and the button that does it; `doing` while it is under way. */
export function FormEnd({
  error,
  isPending,
  does,
  doing,
  onClose,
}: {
  readonly error: unknown;
  readonly isPending: boolean;
  readonly does: string;
  readonly doing: string;
  readonly onClose: () => void;
}) {
  return (
    <>
      {error !== null && <Failure error={error} />}
      <div className="actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="primary" aria-disabled={isPending}>
          {isPending ? doing : does}
        </button>
      </div>
    </>
  );
}
