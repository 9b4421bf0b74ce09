import type { Command } from 'commander';
import { z } from 'zod';
import { EXIT } from './exit-code.ts';
import { Output } from './output.ts';
import { usageProblem } from './problem.ts';
import type { Host, Session } from './session.ts';
import { openSession } from './session.ts';
import {
  connectionOptions,
  environmentSchema,
  readSettings,
} from './settings.ts';

/** What every command takes. */
const commonSchema = z.object({
  ...connectionOptions,
  json: z.boolean().default(false),
});

/** Where commands are added, and told what their last one ended with. */
export interface Program {
  readonly root: Command;
  readonly host: Host;
  ended(exitCode: number): void;
  /** What the program ends with when the command that begins now fails. */
  failing(exitCode: number): void;
}

/**
 * Makes a command do its work: its options are checked by a schema, and it gets a session with the installation. `run` answers the
 * exit code, 0 for nothing; a failure ends the program with `failure`.
 */
export function define<S extends z.ZodRawShape>(
  program: Program,
  command: Command,
  shape: S,
  run: (
    session: Session,
    options: z.output<z.ZodObject<S>>,
    operands: readonly string[],
  ) => Promise<number | undefined>,
  failure: number = EXIT.failed,
): Command {
  const schema = z.object(shape);
  return withCommonOptions(command).action(async () => {
    const given: unknown = command.opts();
    const { json, ...connection } = parsed(commonSchema, given, command);
    const options = parsed(schema, given, command);
    const { host } = program;
    program.failing(failure);
    const { environment, stdout, stderr } = host;
    const wantsColours =
      !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
    const output = new Output({ stdout, stderr, json, wantsColours });
    const settings = readSettings(
      connection,
      environmentSchema.parse(environment),
    );
    for (const warning of settings.warnings) output.note(warning);
    const session = openSession(host, output, settings);
    program.ended((await run(session, options, command.args)) ?? EXIT.ok);
  });
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print what the API answers, as JSON')
    .option('--url <address>', 'the installation (SANDBOXED_URL)')
    .option('--token-file <path>', 'file with its token (SANDBOXED_TOKEN_FILE)')
    .option(
      '--token <token>',
      'its token, for all to see in the list of processes: better in SANDBOXED_TOKEN',
    );
}

function parsed<T>(schema: z.ZodType<T>, given: unknown, command: Command): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const option = command.options.find(
    (one) => one.attributeName() === issue?.path[0],
  );
  throw usageProblem(
    `${option?.long ?? 'An option'}: ${issue?.message ?? 'is wrong'}`,
    `'sandboxed ${command.name()} --help' tells what it takes.`,
  );
}
