/** Whether an error of the file system says that there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  // Not instanceof: Jest's realm has an Error of its own.
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ENOENT'
  );
}
