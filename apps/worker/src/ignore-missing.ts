import { isMissing } from '@sandboxed/runtime';

/** For `catch` of a file call: what is not there is undefined, anything else is thrown on. */
export function ignoreMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
