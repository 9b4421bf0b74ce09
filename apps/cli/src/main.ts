import { text } from 'node:stream/consumers';
import { ConfigError, loadConfig } from '@sandboxed/runtime';
import { backUp } from './backup.ts';
import { changeKey, describeRotation } from './change-key.ts';
import { cliConfigSchema } from './config.ts';
import { describeWarnings, examine } from './doctor.ts';
import { EXIT, isSystemError, Problem } from './problem.ts';
import type { Command } from './read-arguments.ts';
import { readArguments, USAGE } from './read-arguments.ts';
import { restore } from './restore.ts';

const VERSION = '0.1.0';

/** Progress is for people: on stderr, so that stdout stays for results. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function run(
  command: Command,
  dataDir: string,
  signal: AbortSignal,
): Promise<number> {
  const common = { dataDir, now: Date.now, say, signal };
  if (command.name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command.name === 'doctor') {
    const warnings = await examine({
      dataDir,
      facts: await text(process.stdin),
      now: Date.now,
    });
    process.stdout.write(
      command.json
        ? `${JSON.stringify({ warnings })}\n`
        : describeWarnings(warnings),
    );
    return warnings.some(({ severity }) => severity === 'critical')
      ? EXIT.failed
      : 0;
  }
  if (command.name === 'rotate-key') {
    const rotation = changeKey(common);
    for (const line of describeRotation(rotation)) say(line);
    return rotation.unreadable.length === 0 ? 0 : EXIT.incomplete;
  }
  const { directory } = command;
  if (command.name === 'backup') {
    const { counts, workspaces } = await backUp({
      ...common,
      directory,
      version: VERSION,
    });
    const moving = workspaces.filter((entry) => entry.may_have_changed).length;
    if (moving > 0)
      say(
        `${moving} of the workspaces were in use while they were copied, so their files may be in the middle of a change: may_have_changed in manifest.json.`,
      );
    say(
      `Backup complete: ${counts.sandboxes} sandboxes, ${workspaces.length} workspaces. Keep it secret: it holds the key of the stored environments.`,
    );
    process.stdout.write(`${directory}\n`);
    return ending(
      workspaces.flatMap(({ id, problem }) => (problem === null ? [] : [id])),
    );
  }
  const { manifest, sandboxes, jobs, keys, incomplete } = await restore({
    ...common,
    directory,
  });
  say(
    `Restored the backup of ${manifest.created_at}: ${manifest.counts.sandboxes} sandboxes, ${manifest.workspaces.length} workspaces. ${sandboxes} were at work then and are stopped now; ${jobs} unfinished jobs were ended. Now run ./install.sh.`,
  );
  if (keys > 0)
    say(
      `Warning: ${keys} API keys are valid as they were then, also such as were revoked since. GET /v1/keys lists them, DELETE /v1/keys/{id} revokes.`,
    );
  return ending(incomplete);
}

/** The exit code of a command that did what it could. */
function ending(incomplete: readonly string[]): number {
  if (incomplete.length === 0) return 0;
  say(
    `Warning: files are missing in ${incomplete.length} of the workspaces, for the reasons above: ${incomplete.join(', ')}.`,
  );
  return EXIT.incomplete;
}

/** Says why a command failed. Answers the exit code. */
function report(error: unknown, interrupted: boolean): number {
  if (interrupted) {
    say('Interrupted. Nothing was left behind.');
    return EXIT.interrupted;
  }
  if (error instanceof ConfigError) {
    say(error.message);
    return EXIT.configuration;
  }
  if (error instanceof Problem) {
    say(`Error: ${error.message}\nWhat to do: ${error.advice}`);
    return error.exitCode;
  }
  if (isSystemError(error, 'ENOSPC')) {
    say(
      'Error: The disk is full. Nothing was left behind.\nWhat to do: Free some space, or choose a directory on a larger disk.',
    );
    return EXIT.cannotCreate;
  }
  say(`Error: ${error instanceof Error ? String(error.stack) : String(error)}`);
  return EXIT.failed;
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interruption.abort();
  });
try {
  const command = readArguments(process.argv.slice(2), process.cwd());
  const { config } = loadConfig(cliConfigSchema, process.env);
  process.exitCode = await run(
    command,
    config.SANDBOXED_DATA_DIR,
    interruption.signal,
  );
} catch (error) {
  process.exitCode = report(error, interruption.signal.aborted);
}
