import { taskResultSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { API, ok, until } from './stack.ts';

export const taskSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  result: taskResultSchema.optional(),
});
export type Task = z.output<typeof taskSchema>;

/** Sends a task and answers at once. */
export async function send(
  sandbox: string,
  body: Record<string, unknown>,
): Promise<Task> {
  return taskSchema.parse(
    await ok('POST', `/v1/sandboxes/${sandbox}/tasks`, body),
  );
}

/** Sends a task and waits for its end. */
export async function work(
  sandbox: string,
  body: Record<string, unknown>,
): Promise<Task> {
  return taskSchema.parse(
    await ok('POST', `/v1/sandboxes/${sandbox}/tasks?wait=120`, body),
  );
}

/** The task once it has ended. */
export function ended(
  sandbox: string,
  id: string,
  timeoutMs: number,
): Promise<Task> {
  return until(`task ${id} to end`, timeoutMs, async () => {
    const task = taskSchema.parse(
      await ok('GET', `/v1/sandboxes/${sandbox}/tasks/${id}`),
    );
    return ['succeeded', 'failed', 'cancelled'].includes(task.status)
      ? task
      : undefined;
  });
}

const dataSchema = z.record(z.string(), z.unknown());

export interface StreamedEvent {
  readonly id: number;
  readonly type: string;
  readonly data: z.output<typeof dataSchema>;
  readonly receivedAt: number;
}

/** Reads a task's events after `after`, until `done`, until `enough` says so, or until the connection breaks. */
export async function readEvents(
  sandbox: string,
  task: string,
  options: {
    readonly after?: number;
    readonly enough?: (event: StreamedEvent) => boolean;
  } = {},
): Promise<StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  const controller = new AbortController();
  const response = await fetch(
    `${API}/v1/sandboxes/${sandbox}/tasks/${task}/events`,
    {
      headers: { 'last-event-id': String(options.after ?? 0) },
      signal: AbortSignal.any([
        controller.signal,
        AbortSignal.timeout(120_000),
      ]),
    },
  );
  if (response.body === null || response.status !== 200)
    throw new Error(`events of ${task} → ${response.status}`);
  let text = '';
  try {
    for await (const chunk of response.body.pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
        const event = parseFrame(text.slice(0, at));
        text = text.slice(at + 2);
        if (event === undefined) continue;
        events.push(event);
        if (event.type === 'done' || options.enough?.(event) === true) {
          controller.abort();
          return events;
        }
      }
    }
  } catch (error) {
    // A broken stream is what some tests are about; the caller resumes.
    if (events.length === 0) throw error;
  }
  return events;
}

function parseFrame(frame: string): StreamedEvent | undefined {
  const field = (name: string): string | undefined =>
    frame
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [id, type, data] = [field('id'), field('event'), field('data')];
  if (id === undefined || type === undefined || data === undefined)
    return undefined;
  return {
    id: Number(id),
    type,
    data: dataSchema.parse(JSON.parse(data)),
    receivedAt: Date.now(),
  };
}

/** Waits until the agent's program runs and answers the events up to then. */
export function untilWorking(
  sandbox: string,
  task: string,
): Promise<StreamedEvent[]> {
  return readEvents(sandbox, task, {
    enough: ({ data }) => data['phase'] === 'agent_running',
  });
}
