import { z } from 'zod';
import type { Program } from '../define.ts';
import { define } from '../define.ts';
import { EXIT } from '../exit-code.ts';
import { findSandbox } from '../find-sandbox.ts';
import { collected, readVariables } from '../options.ts';
import { atTerminal } from './terminal.ts';

export function addShell(program: Program): void {
  const command = program.root
    .command('shell')
    .description("A shell in a sandbox, on this terminal; short for 'exec -it'")
    .argument('<sandbox>', 'id, beginning of an id, or name')
    .option(
      '-w, --cwd <directory>',
      'where it begins; in the app directory unless given',
    )
    .option(
      '-e, --env <NAME[=value]>',
      'a variable; without a value, the one that it has here',
      collected,
    );
  define(
    program,
    command,
    { cwd: z.string().optional(), env: z.array(z.string()).default([]) },
    async (session, { cwd, env }, [word = '']) =>
      atTerminal(session, await findSandbox(session, word), {
        env: readVariables(env, session.host.environment),
        ...(cwd !== undefined && { cwd }),
      }),
    EXIT.notRun,
  );
}
