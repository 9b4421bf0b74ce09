/** What a command ends with when it does not succeed; the numbers are those of sysexits(3) where it has one. */
export const EXIT = {
  failed: 1,
  /** Done, but files of some workspaces are missing. */
  incomplete: 2,
  usage: 64,
  /** The backup is damaged, incomplete or of a newer version. */
  badBackup: 65,
  /** What would be written to is in use, is not there, or has not enough space. */
  cannotCreate: 73,
  configuration: 78,
  interrupted: 130,
} as const;

/** A failure that a person can act on. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** What to do next, a sentence. */
  readonly advice: string;
  readonly exitCode: number;

  constructor(message: string, advice: string, exitCode: number) {
    super(message);
    this.advice = advice;
    this.exitCode = exitCode;
  }
}

/** Whether `error` is one of the system with this code, such as `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  // Not instanceof: Jest's realm has an Error of its own.
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === code
  );
}
