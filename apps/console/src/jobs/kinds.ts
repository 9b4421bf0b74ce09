import type { AnswerOf } from '@sandboxed/sdk';

/** A job as a list has it: without its result. */
export type Job = AnswerOf<'/v1/jobs', 'get'>['items'][number];

export const KINDS = [
  'create',
  'start',
  'stop',
  'delete',
  'purge',
  'exec',
  'limits',
  'service',
  'task',
  'revert',
] as const satisfies readonly Job['kind'][];

export const STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly Job['status'][];

/** Work on the sandbox itself goes on to its end: half of it would be worse. */
const LIFECYCLE: readonly Job['kind'][] = [
  'create',
  'start',
  'stop',
  'delete',
  'purge',
];

/** Whether the API would take a cancel of it. */
export function isCancellable({ kind, status }: Job): boolean {
  return !isOver(status) && !LIFECYCLE.includes(kind);
}

/** Whether nothing more becomes of it. */
export function isOver(status: Job['status']): boolean {
  return status !== 'queued' && status !== 'running';
}

/** How long it took from its call on, or takes so far; milliseconds. */
export function tookMs(job: Job, nowMs: number): number {
  const end =
    job.finished_at === undefined ? nowMs : Date.parse(job.finished_at);
  return Math.max(0, end - Date.parse(job.created_at));
}
