import { CopyButton } from './copy-button.tsx';

/** A secret that is shown this once. */
export function SecretOnce({
  secret,
  what,
  onDone,
}: {
  readonly secret: string;
  /** What it is, as in “Copy the key”. */
  readonly what: string;
  readonly onDone: () => void;
}) {
  return (
    <>
      <p role="status">Copy {what} now: it is not shown again.</p>
      <p className="secret">
        <code className="break">{secret}</code>{' '}
        <CopyButton text={secret} what={what} />
      </p>
      <div className="actions">
        <button type="button" className="primary" onClick={onDone}>
          I have it
        </button>
      </div>
    </>
  );
}
