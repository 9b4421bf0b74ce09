import { SandboxedError } from '@sandboxed/sdk';

/** What a model can do about an error, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  unauthenticated:
    'Tell the user: this MCP server needs a valid token (SANDBOXED_TOKEN over stdio, "Authorization: Bearer" over HTTP).',
  forbidden_scope:
    'Tell the user that the token may not do this; do not try again.',
  forbidden_origin:
    'Tell the user: an open installation answers its own host only. Set tokens there and give one to this MCP server.',
  sandbox_not_found: 'Call list_sandboxes for those that exist.',
  task_not_found: 'Take the task_id that run_task answered.',
  service_not_found: 'Call list_services for those that exist.',
  file_not_found:
    'Call list_files; paths are relative to the app directory (~/workspace/app).',
  file_conflict:
    'Something of another kind is at that path; list_files shows what.',
  precondition_failed: 'The file was changed meanwhile: read it again first.',
  range_not_satisfiable:
    'The offset is past the end of the file: begin at a smaller one.',
  busy: 'Something still runs in it: wait, or call again with force=true to end it.',
  task_in_progress:
    'An agent is at work in it: follow it with get_task, or end it with cancel_task.',
  quota_exceeded:
    'Stop or delete a sandbox that is not needed (list_sandboxes), then try again.',
  rate_limited: 'Wait before you try again.',
  disk_full: 'Remove files that are not needed (run_command), then try again.',
  no_capacity:
    'The host is full: stop a sandbox that is not needed, or try again later.',
  sandbox_not_running: 'Call start_sandbox first.',
  timed_out: 'Give it more time, or look at why it takes so long.',
  connection_failed:
    'The installation did not answer. Tell the user to check SANDBOXED_URL and that it runs.',
};

/** What to tell a model of an error: what happened, its code, and what to do. */
export function advise(error: unknown): string {
  if (!(error instanceof SandboxedError))
    return `Unexpected: ${error instanceof Error ? error.message : String(error)}`;
  const { message, code, fields, quota, retryable, retryAfterSeconds } = error;
  return [
    `${message} (${code})`,
    ...fields.map((field) => `- ${field.path}: ${field.message}`),
    quota && `Quota ${quota.name}: ${quota.used} of ${quota.limit} used.`,
    ADVICE[code] ??
      (retryable
        ? 'This may pass: try again in a moment.'
        : 'To try the same again will not help.'),
    retryAfterSeconds && `Try again in ${retryAfterSeconds} seconds.`,
  ]
    .filter((line) => typeof line === 'string')
    .join('\n');
}
