import { AuthenticationError } from '@sandboxed/sdk';

/** Whether the API asks for a token, or for another one. */
export function isRefused(error: unknown): boolean {
  return error instanceof AuthenticationError;
}

/** Whether to ask again may help: not with a token that was refused. */
export function mayHelpAgain({
  state,
}: {
  readonly state: { readonly error: unknown };
}): boolean {
  return !isRefused(state.error);
}
