/** What the program ends with; docs/cli.md tells users of them. */
export const EXIT = {
  ok: 0,
  /** The installation refused or failed what was asked. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** `exec`, `shell` and `run` could not do their work, which has exit codes of its own. */
  notRun: 125,
} as const;

/** As a shell tells of a program that a signal ended. */
export const SIGNAL_EXIT = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGTERM: 143,
} as const;
export type EndingSignal = keyof typeof SIGNAL_EXIT;
