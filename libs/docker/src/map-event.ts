import type { ContainerEvent } from './driver.ts';
import { readOwnership } from './map-inspect.ts';
import { z } from 'zod';

/** The changes a worker wants to know of. */
export const WATCHED_ACTIONS = [
  'die',
  'start',
  'destroy',
  'pause',
  'unpause',
  'oom',
  'rename',
] as const;

const eventSchema = z.object({
  Type: z.literal('container'),
  Action: z.enum(WATCHED_ACTIONS),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
});

/** Maps one Engine event; undefined when it is of no interest or not of this instance. */
export function mapEvent(
  event: unknown,
  instance: string,
): ContainerEvent | undefined {
  const parsed = eventSchema.safeParse(event).data;
  if (parsed === undefined) return undefined;
  // The Engine sends a container's labels among the attributes of its events.
  const owner = readOwnership(parsed.Actor.Attributes, instance);
  return owner === undefined
    ? undefined
    : { action: parsed.Action, sandboxId: owner.sandboxId };
}
