import type { Sandbox } from '@sandboxed/sdk';
import { PreconditionFailedError } from '@sandboxed/sdk';

/** A file of the caller's, and where it is to go. */
export interface Sent {
  readonly path: string;
  readonly file: Blob;
}

/** What became of files that were to be written. */
export interface Outcome {
  readonly written: readonly string[];
  /** Those whose place is taken: what is there was left as it is. */
  readonly taken: readonly Sent[];
  /** Which one it ended with, and why: those behind it were not tried. */
  readonly failed?: { readonly path: string; readonly error: unknown };
}

/** Writes files one by one; over what is there only where that is wanted. */
export async function sendFiles(
  files: Pick<Sandbox['files'], 'write'>,
  sent: readonly Sent[],
  { replaces }: { readonly replaces: boolean },
): Promise<Outcome> {
  const written: string[] = [];
  const taken: Sent[] = [];
  for (const one of sent) {
    try {
      await files.write(one.path, one.file, { ifNew: !replaces });
      written.push(one.path);
    } catch (error) {
      if (!(error instanceof PreconditionFailedError))
        return { written, taken, failed: { path: one.path, error } };
      taken.push(one);
    }
  }
  return { written, taken };
}
