import { z } from 'zod';
import { reportedCount } from '../token-math.ts';

const text = z.string();
const status = text.optional().catch(undefined);

/** The parts of a turn. Others are not known, and shown as they are. */
const itemSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent_message'), id: text, text }),
  z.object({ type: z.literal('reasoning'), id: text }),
  z.object({
    type: z.literal('command_execution'),
    id: text,
    command: text,
    exit_code: z.number().nullish(),
    status,
  }),
  z.object({
    type: z.literal('file_change'),
    id: text,
    changes: z.array(z.object({ path: text, kind: text })),
    status,
  }),
  z.object({ type: z.literal('error'), id: text, message: z.unknown() }),
]);
export type Item = z.output<typeof itemSchema>;

export const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: text }),
  z.object({ type: z.literal('turn.started') }),
  z.object({ type: z.literal('item.started'), item: itemSchema }),
  z.object({ type: z.literal('item.updated'), item: itemSchema }),
  z.object({ type: z.literal('item.completed'), item: itemSchema }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({
      input_tokens: reportedCount,
      cached_input_tokens: reportedCount,
      cache_write_input_tokens: reportedCount,
      output_tokens: reportedCount,
      reasoning_output_tokens: reportedCount,
    }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.unknown().optional() }),
  z.object({
    type: z.literal('error'),
    message: z.unknown().optional(),
    error: z.unknown().optional(),
  }),
]);
export type Line = z.output<typeof lineSchema>;
