import fs from 'node:fs';
import path from 'node:path';

/** Name of the variable by which a sweep finds the processes of a job, wherever they went. */
export const PROCESS_MARKER = 'SANDBOXED_PROCESS_ID';

type Environment = Readonly<Record<string, string>>;

/** What commands and services start with. */
export type ProcessEnvironment = {
  /** The environment that the worker handed over at boot. */
  readonly setBootEnv: (env: Environment) => void;
  /** The image's environment, then boot's, then `own`. */
  readonly merge: (own: Environment | undefined) => Record<string, string>;
  /** Absolute directory: the app directory, or `cwd` from there. */
  readonly directory: (cwd: string | undefined) => string;
  /** Argv that runs a script. */
  readonly shell: (script: string) => readonly string[];
  /** Argv of the shell that people type into. */
  readonly loginShell: readonly string[];
};

/** See {@link ProcessEnvironment}. */
export function createProcessEnvironment(options: {
  readonly base: Environment;
  readonly appDirectory: string;
}): ProcessEnvironment {
  let boot: Environment = {};
  const shell = fs.existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
  return {
    setBootEnv(env) {
      boot = env;
    },
    merge: (own) => ({ ...options.base, ...boot, ...own }),
    directory: (cwd) => path.resolve(options.appDirectory, cwd ?? '.'),
    shell: (script) => [shell, '-c', script],
    loginShell: [shell, '-l'],
  };
}
