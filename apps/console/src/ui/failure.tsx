import { SandboxedError } from '@sandboxed/sdk';

/** What failed, with what the API advises and the number to look it up by. */
export function Failure({
  error,
  onAgain,
}: {
  readonly error: unknown;
  readonly onAgain?: () => void;
}) {
  const known = error instanceof SandboxedError ? error : undefined;
  return (
    <div className="failure" role="alert">
      <p>{error instanceof Error ? error.message : 'Something failed.'}</p>
      {known?.fields.map(({ path, message }) => (
        <p key={path}>
          <code>{path}</code> {message}
        </p>
      ))}
      {known?.requestId !== undefined && (
        <p className="faint">
          <code>{known.code}</code>, request <code>{known.requestId}</code>
        </p>
      )}
      {onAgain && (
        <button type="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
