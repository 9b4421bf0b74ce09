import { z } from 'zod';
import { usageProblem } from './problem.ts';

/** A whole number of an option, from `least` to `most`. */
export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(least, message).max(most, message));
}

/** For options that may be given several times. */
export function collected(value: string, earlier: readonly string[] = []) {
  return [...earlier, value];
}

/**
 * Variables as `-e` gives them: `NAME=value`, or `NAME` for the value that it has here, which keeps secrets off the command line.
 * Throws a usage problem for a name that has no value.
 */
export function readVariables(
  given: readonly string[],
  environment: Readonly<Partial<Record<string, string>>>,
): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      const name = at === -1 ? one : one.slice(0, at);
      const value = at === -1 ? environment[name] : one.slice(at + 1);
      if (value === undefined || name === '')
        throw usageProblem(
          `-e ${one}: there is no variable of that name here.`,
          'Give it as NAME=value, or export it first.',
        );
      return [name, value];
    }),
  );
}

/** Labels as `--label` gives them: `key=value`. */
export function readLabels(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=');
      if (at < 1)
        throw usageProblem(
          `--label ${one}: is no key=value.`,
          'Give it as key=value.',
        );
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}
