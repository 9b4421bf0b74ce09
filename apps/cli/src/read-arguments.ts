import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, Problem } from './problem.ts';

export const USAGE = `Usage:
  sandboxed backup <directory>    copies database, key and workspaces into a new directory, while everything runs
  sandboxed restore <directory>   brings a backup back into an empty data directory
`;

const COMMANDS = ['backup', 'restore'] as const;

export type Command =
  | { readonly name: 'help' }
  | { readonly name: (typeof COMMANDS)[number]; readonly directory: string };

/** What the arguments after the program's name ask for; directories become absolute. Throws a Problem with the usage. */
export function readArguments(
  args: readonly string[],
  workingDirectory: string,
): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: 'help' };
  const [word, directory, ...more] = positionals;
  const name = COMMANDS.find((command) => command === word);
  if (name === undefined)
    throw usage(
      word === undefined
        ? 'A command is missing.'
        : `There is no command '${word}'.`,
    );
  if (directory === undefined || directory === '')
    throw usage(`'${name}' needs the directory of the backup.`);
  if (more.length > 0)
    throw usage(
      `'${name}' takes one directory; '${more.join(' ')}' is too much.`,
    );
  return { name, directory: resolve(workingDirectory, directory) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): Problem {
  return new Problem(message, `It is used like this.\n${USAGE}`, EXIT.usage);
}
