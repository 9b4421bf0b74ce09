import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, Problem } from './problem.ts';

export const USAGE = `Usage:
  sandboxed backup <directory>    copies database, key and workspaces into a new directory, while everything runs
  sandboxed restore <directory>   brings a backup back into an empty data directory
  sandboxed doctor [--json]       says what is unsafe or about to fail
  sandboxed rotate-key            encrypts the stored secrets with a new key, while everything runs
`;

const WITH_DIRECTORY = ['backup', 'restore'] as const;

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'doctor'; readonly json: boolean }
  | { readonly name: 'rotate-key' }
  | {
      readonly name: (typeof WITH_DIRECTORY)[number];
      readonly directory: string;
    };

/** What the arguments after the program's name ask for; directories become absolute. Throws a Problem with the usage. */
export function readArguments(
  args: readonly string[],
  workingDirectory: string,
): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: 'help' };
  const [word, directory, ...more] = positionals;
  if (word === 'doctor') {
    if (directory !== undefined)
      throw usage(`'doctor' takes no '${directory}'.`);
    return { name: 'doctor', json: values.json === true };
  }
  if (word === 'rotate-key') {
    if (directory !== undefined || values.json === true)
      throw usage(`'rotate-key' takes no '${directory ?? '--json'}'.`);
    return { name: word };
  }
  const name = WITH_DIRECTORY.find((command) => command === word);
  if (name === undefined)
    throw usage(
      word === undefined
        ? 'A command is missing.'
        : `There is no command '${word}'.`,
    );
  if (values.json === true) throw usage(`'${name}' has no --json.`);
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
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): Problem {
  return new Problem(message, `It is used like this.\n${USAGE}`, EXIT.usage);
}
