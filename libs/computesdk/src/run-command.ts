import type { CommandResult, RunCommandOptions } from '@computesdk/provider';
import { TIMEOUT_EXIT_CODE } from '@computesdk/provider';
import type { Sandbox } from '@sandboxed/sdk';
import { TimeoutError } from '@sandboxed/sdk';

/** As ComputeSDK says it of a program that a signal ended. */
const NO_EXIT_CODE = -1;

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
  const began = performance.now();
  const options = {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(timeout !== undefined && {
      timeoutSeconds: Math.ceil(timeout / 1_000),
    }),
  };
  const took = (): number => Math.round(performance.now() - began);
  if (background) {
    await sandbox.commands.background(command, options);
    return { stdout: '', stderr: '', exitCode: 0, durationMs: took() };
  }
  try {
    const { stdout, stderr, exitCode, durationMs } = await sandbox.commands.run(
      command,
      {
        ...options,
        ...(onStdout !== undefined && { onStdout }),
        ...(onStderr !== undefined && { onStderr }),
      },
    );
    return { stdout, stderr, exitCode: exitCode ?? NO_EXIT_CODE, durationMs };
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return {
      stdout: '',
      stderr: error.message,
      exitCode: TIMEOUT_EXIT_CODE,
      durationMs: took(),
    };
  }
}
