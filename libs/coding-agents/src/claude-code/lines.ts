import { z } from 'zod';
import { reportedCost, reportedCount } from '../token-math.ts';

const text = z.string();
const optionalText = text.optional().catch(undefined);
const optionalNumber = z.number().optional().catch(undefined);

/** Counts of the Messages API. */
const usageSchema = z.object({
  input_tokens: reportedCount,
  output_tokens: reportedCount,
  cache_read_input_tokens: reportedCount,
  cache_creation_input_tokens: reportedCount,
  output_tokens_details: z
    .object({ thinking_tokens: reportedCount })
    .optional()
    .catch(undefined),
});
export type Usage = z.output<typeof usageSchema>;

/** What one model took since the last result, aborted answers and those of subagents included. */
const modelUsageSchema = z.object({
  inputTokens: reportedCount,
  outputTokens: reportedCount,
  cacheReadInputTokens: reportedCount,
  cacheCreationInputTokens: reportedCount,
  thinkingTokens: reportedCount,
  costUSD: reportedCost,
});

export type ModelUsage = z.output<typeof modelUsageSchema>;

const optionalUsage = usageSchema.optional().catch(undefined);

/** An event of the streamed answer: only what tells of steps and of tokens. */
export const streamEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message_start'),
    message: z.object({ id: text, usage: optionalUsage }),
  }),
  z.object({ type: z.literal('message_delta'), usage: optionalUsage }),
]);

const blockSchema = z.union([
  z.object({ type: z.literal('text'), text }),
  z.object({
    type: z.literal('tool_use'),
    id: text,
    name: text,
    input: z.unknown().optional(),
  }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: text,
    is_error: z.boolean().optional(),
  }),
  z.object({ type: text }).transform(() => ({ type: 'other' as const })),
]);
export type Block = z.output<typeof blockSchema>;

const blocks = z.union([
  z.array(blockSchema),
  text.transform((said): Block[] => [{ type: 'text', text: said }]),
]);

/** `tool_use_result` of a tool that changed a file. */
export const fileResultSchema = z.object({
  filePath: text,
  type: optionalText,
  structuredPatch: z.unknown().optional(),
});

export const lineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('system'),
    subtype: text,
    attempt: optionalNumber,
    max_retries: optionalNumber,
    error_status: optionalNumber,
    error: z.unknown().optional(),
  }),
  z.object({ type: z.literal('stream_event'), event: z.unknown() }),
  z.object({
    type: z.literal('assistant'),
    message: z.object({ id: text, model: optionalText, content: blocks }),
    parent_tool_use_id: text.nullish(),
    error: z.unknown().optional(),
  }),
  z.object({
    type: z.literal('user'),
    message: z.object({ content: blocks }),
    tool_use_result: z.unknown().optional(),
  }),
  z.object({
    type: z.literal('result'),
    subtype: optionalText,
    is_error: z.boolean().optional().catch(undefined),
    result: z.unknown().optional(),
    errors: z.unknown().optional(),
    terminal_reason: optionalText,
    api_error_status: optionalNumber,
    api_error_type: optionalText,
    usage: optionalUsage,
    total_cost_usd: reportedCost,
    model_usage_since_last_result: z
      .record(text, modelUsageSchema)
      .optional()
      .catch(undefined),
  }),
]);
type Line = z.output<typeof lineSchema>;
export type LineOf<T extends Line['type']> = Extract<Line, { type: T }>;
