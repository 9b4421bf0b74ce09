import { createInterface } from 'node:readline/promises';
import { Problem, usageProblem } from './problem.ts';
import type { Session } from './session.ts';

/** Asks before something cannot be undone. Without a person to ask it takes `--yes`: throws a usage problem. */
export async function confirm(
  { host, output, signal }: Session,
  question: string,
): Promise<void> {
  const { stdin, stderr, interrupt } = host;
  if (stdin.isTTY !== true || stderr.isTTY !== true || output.json)
    throw usageProblem(
      'There is nobody to ask whether this is meant.',
      'Add --yes.',
    );
  const prompt = createInterface({ input: stdin, output: stderr });
  prompt.once('SIGINT', interrupt);
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new Problem('Nothing was done.', "Answer 'y', or add --yes.", {
    code: 'declined',
  });
}
