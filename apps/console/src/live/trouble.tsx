import { ConnectionError } from '@sandboxed/sdk';
import { Failure } from '../ui/failure.tsx';

/** Why something could not be read. That the connection is away is told once, above all pages, which then mend themselves. */
export function Trouble({
  query: { error, refetch },
}: {
  readonly query: {
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
}) {
  if (error === null || error instanceof ConnectionError) return null;
  return (
    <Failure
      error={error}
      onAgain={() => {
        refetch();
      }}
    />
  );
}
