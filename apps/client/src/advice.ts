/** What a person can do about an error, by its code. */
const ADVICE: Readonly<Partial<Record<string, string>>> = {
  unauthenticated:
    'Give a valid token: SANDBOXED_TOKEN, or --token-file. On the host itself, ./sandboxed finds it, as root.',
  forbidden_scope: 'Use a token or an API key that may do this.',
  forbidden_origin:
    'An installation without tokens answers its own host only: set tokens there, and give one here.',
  sandbox_not_found: "'sandboxed ls' shows those that exist.",
  job_not_found: "'sandboxed jobs' shows the latest.",
  task_not_found: "'sandboxed jobs --kind task' shows the latest.",
  service_not_found: "'sandboxed services <sandbox>' shows those that exist.",
  file_not_found:
    "'sandboxed exec <sandbox> ls' shows what is there; paths are relative to its app directory.",
  file_conflict:
    'Something of another kind is at that path: choose another one.',
  busy: 'Something still runs in it: wait, or add --force to end that.',
  task_in_progress:
    "An agent is at work in it: wait, or end that with 'sandboxed cancel'.",
  job_finished: 'There is nothing left to do.',
  sandbox_not_running: "Wake it: 'sandboxed start <sandbox>'.",
  quota_exceeded:
    "Stop or remove a sandbox that is not needed ('sandboxed ls'), then try again.",
  disk_full: 'Remove files of it that are not needed, then try again.',
  no_capacity:
    "The host is full: stop a sandbox that is not needed ('sandboxed ls'), or try again later.",
  body_too_large:
    'Send less at once, or have the limit raised (SANDBOXED_UPLOAD_MAX_MB).',
  image_missing: "'docker image ls' on the host shows the images that it has.",
  connection_failed:
    "Is the address right (SANDBOXED_URL, --url), and does it run? On its host: './sandboxed up', './sandboxed doctor'.",
};

/** What to do about an error of the API's. */
export function adviceFor({
  code,
  retryable,
  retryAfterSeconds,
}: {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
}): string {
  const after =
    retryAfterSeconds === undefined
      ? ''
      : ` Not before ${retryAfterSeconds} seconds have passed.`;
  const general = retryable
    ? 'This may pass: try again in a moment.'
    : "Look at what it says; 'sandboxed --help' tells of all commands.";
  return `${ADVICE[code] ?? general}${after}`;
}
