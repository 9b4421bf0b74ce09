import type { EventRecord } from './event.ts';
import { EVENTS } from './event.ts';
import type { JobRecord } from './job.ts';
import { servicePayloadSchema } from './job.ts';
import type { SandboxState } from './sandbox.ts';
import { taskResultSchema } from './task.ts';
import type { WebhookEvent } from './webhook.ts';

/** What webhooks are told. `data` holds ids and outcomes, never contents, commands or secrets. */
export interface WebhookMessage {
  readonly type: WebhookEvent;
  readonly data: Readonly<Record<string, unknown>>;
}

const ENTERED: Partial<Record<SandboxState, WebhookEvent>> = {
  creating: 'sandbox.created',
  running: 'sandbox.started',
  stopped: 'sandbox.stopped',
  error: 'sandbox.failed',
  deleted: 'sandbox.deleted',
};

/** Longest text of an error that is passed on. Characters. */
const MAX_TEXT = 1_000;

/**
 * What webhooks are told of an event of a sandbox's own log (`state`, `job`); none for what is no news to them. `job` is the event's,
 * undefined when its row is gone.
 */
export function webhookMessages(
  event: EventRecord,
  job: JobRecord | undefined,
): readonly WebhookMessage[] {
  const where = { sandbox_id: event.sandbox_id };
  if (event.type === 'state') {
    const { from, to, reason, actor } = EVENTS.state.parse(event.data);
    const type = from === to ? undefined : ENTERED[to];
    const data = { ...where, from, to, reason: cut(reason), actor };
    return type === undefined ? [] : [{ type, data }];
  }
  if (event.type !== 'job') return [];
  const { kind, status, requested_by } = EVENTS.job.parse(event.data);
  const common = { ...where, job_id: event.job_id, status, requested_by };
  const messages: WebhookMessage[] = [];
  const isOver = ['succeeded', 'failed', 'cancelled'].includes(status);
  if (kind === 'task' && isOver)
    messages.push({
      type: 'task.finished',
      data: { ...common, ...taskOutcome(job) },
    });
  if (kind === 'service' && status === 'succeeded')
    messages.push({
      type: 'service.changed',
      data: { ...common, ...serviceOf(job) },
    });
  if (status === 'failed')
    messages.push({
      type: 'job.failed',
      data: { ...common, kind, error: errorOf(job) },
    });
  return messages;
}

function cut(text: string): string {
  return text.slice(0, MAX_TEXT);
}

function errorOf(job: JobRecord | undefined): object | null {
  const error = job?.error ?? null;
  return error === null ? null : { ...error, message: cut(error.message) };
}

const outcomeSchema = taskResultSchema.pick({
  failure_reason: true,
  error_message: true,
  build_status: true,
});

function taskOutcome(job: JobRecord | undefined): object {
  const outcome = outcomeSchema.safeParse(job?.result).data;
  return {
    failure_reason: outcome?.failure_reason ?? null,
    error_message:
      outcome?.error_message === undefined ? null : cut(outcome.error_message),
    build_status: outcome?.build_status ?? null,
  };
}

function serviceOf(job: JobRecord | undefined): object {
  const payload = servicePayloadSchema.safeParse(job?.payload).data;
  return { name: payload?.name ?? null, action: payload?.action ?? null };
}
