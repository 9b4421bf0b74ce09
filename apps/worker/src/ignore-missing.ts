/** For `catch` of a file call: what is not there is undefined, anything else is thrown on. */
export function ignoreMissing(error: unknown): undefined {
  // Not instanceof: Jest's realm has an Error of its own.
  if (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ENOENT'
  )
    return undefined;
  throw error;
}
