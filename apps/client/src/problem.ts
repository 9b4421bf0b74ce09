import type { EndingSignal } from './exit-code.ts';
import { EXIT } from './exit-code.ts';

/** Why a command cannot be done, in words for whoever typed it. */
export class Problem extends Error {
  override name = 'Problem';
  readonly advice: string;
  readonly code: string;
  readonly exitCode: number;

  constructor(
    message: string,
    advice: string,
    {
      code = 'failed',
      exitCode = EXIT.failed,
    }: { readonly code?: string; readonly exitCode?: number } = {},
  ) {
    super(message);
    this.advice = advice;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line is wrong as it stands. */
export function usageProblem(message: string, advice: string): Problem {
  return new Problem(message, advice, { code: 'usage', exitCode: EXIT.usage });
}

/** The user, or who reads the output, has had enough. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly by: EndingSignal;

  constructor(by: EndingSignal) {
    super(`ended by ${by}`);
    this.by = by;
  }
}
