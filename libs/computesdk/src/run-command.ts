import type { CommandResult, RunCommandOptions } from '@computesdk/provider';
import { TIMEOUT_EXIT_CODE } from '@computesdk/provider';
import type { Sandbox } from '@sandboxed/sdk';

/** Runs a shell line; output goes to the callbacks as it comes. One whose time is up ends with what `timeout` ends with. */
export async function runCommand(
  sandbox: Sandbox,
  command: string,
  {
    cwd,
    env,
    timeout,
    background = false,
    onStdout,
    onStderr,
  }: RunCommandOptions = {},
): Promise<CommandResult> {
  const options = {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(timeout !== undefined && {
      timeoutSeconds: Math.ceil(timeout / 1_000),
    }),
  };
  if (background) {
    const began = performance.now();
    await sandbox.commands.background(command, options);
    const durationMs = Math.round(performance.now() - began);
    return { stdout: '', stderr: '', exitCode: 0, durationMs };
  }
  const result = await sandbox.commands.run(command, {
    ...options,
    ...(onStdout !== undefined && { onStdout }),
    ...(onStderr !== undefined && { onStderr }),
  });
  const { stdout, stderr, durationMs, exitCode, timedOut } = result;
  return {
    ...{ stdout, stderr, durationMs },
    exitCode: timedOut ? TIMEOUT_EXIT_CODE : exitCode,
  };
}
