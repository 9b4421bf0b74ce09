import type { AppPlan, TaskResult } from '@sandboxed/domain';
import type { JobContext } from '../context.ts';
import type { TaskRecorder } from './recorder.ts';
import { runStep } from './run-step.ts';

/** Characters of a failed build's output that are shown: its end. */
const SHOWN_CHARS = 4_000;

type BuildResult = Pick<TaskResult, 'build_status' | 'build_message'>;

/** Builds the app as its plan says; `skipped` with the reason when there is nothing to build. */
export async function checkBuild(
  context: JobContext<'task'>,
  recorder: TaskRecorder,
  { build, problem }: AppPlan,
): Promise<BuildResult> {
  const result = await run();
  recorder.build({
    status: result.build_status,
    ...(result.build_message !== undefined && {
      message: result.build_message,
    }),
  });
  return result;

  async function run(): Promise<BuildResult> {
    if (problem !== undefined)
      return { build_status: 'failed', build_message: problem };
    if (build === undefined)
      return {
        build_status: 'skipped',
        build_message: 'The app declares no build.',
      };
    recorder.build({ status: 'running', message: build.command });
    const end = await runStep(context, {
      name: 'build',
      shell: build.command,
      timeoutSeconds: build.timeoutSeconds,
      cancellable: true,
    });
    if (end.exitCode === 0) return { build_status: 'passed' };
    const output = `${end.stdout}\n${end.stderr}`.trim().slice(-SHOWN_CHARS);
    const how = end.timedOut
      ? `The build took longer than ${build.timeoutSeconds} s`
      : `The build ended with exit code ${end.exitCode}`;
    return { build_status: 'failed', build_message: `${how}:\n${output}` };
  }
}
