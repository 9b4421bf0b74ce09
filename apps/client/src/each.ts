import type { Sandbox } from '@sandboxed/sdk';
import { EXIT } from './exit-code.ts';
import { findSandboxes } from './find-sandbox.ts';
import { reportOf, reportText } from './report.ts';
import type { Session } from './session.ts';
import { withSpinner } from './spinner.ts';

/**
 * Does the same to several sandboxes at once and prints the id of each that it was done to, or what is to be told of it in JSON. One
 * that fails is told and does not keep the others from it.
 */
export async function withEach<S extends { readonly id: string }>(
  session: Session,
  sandboxes: readonly S[],
  doing: string,
  work: (sandbox: S) => Promise<unknown>,
): Promise<number> {
  const { output, signal } = session;
  const results = await withSpinner(output, doing, () =>
    Promise.allSettled(sandboxes.map((sandbox) => work(sandbox))),
  );
  signal.throwIfAborted();
  let exitCode: number = EXIT.ok;
  for (const [index, { id }] of sandboxes.entries()) {
    const result = results[index];
    if (result?.status === 'fulfilled') {
      if (output.json) await output.documentLine(result.value);
      else await output.line(id);
    } else {
      const report = reportOf(result?.reason);
      await output.writeError(
        reportText(
          { ...report, message: `${id}: ${report.message}` },
          output.json,
        ),
      );
      exitCode = EXIT.failed;
    }
  }
  return exitCode;
}

/** The same sandbox named twice is one. */
export async function findAll(
  session: Session,
  words: readonly string[],
): Promise<readonly Sandbox[]> {
  const found = await findSandboxes(session, words);
  return [...new Map(found.map((sandbox) => [sandbox.id, sandbox])).values()];
}
