import { z } from 'zod';
import type { AgentExit } from '../coding-agent.ts';
import type { Parser } from '../reader.ts';
import type { Reading } from '../reading.ts';
import { describeInput } from '../tool-input.ts';
import {
  addTokens,
  reportedCost,
  reportedCount,
  tokenCounts,
} from '../token-math.ts';
import {
  openCodeError,
  retryError,
  saysSessionUnknown,
  WORDS,
} from './failure.ts';
import { changedFiles } from './files.ts';

const count = reportedCount;
const tokensSchema = z.object({
  total: z.int().nonnegative().optional().catch(undefined),
  input: count,
  output: count,
  reasoning: count,
  cache: z.object({ read: count, write: count }),
});

const toolStateSchema = z.object({
  status: z.string(),
  input: z.unknown().optional(),
  title: z.string().optional().catch(undefined),
  metadata: z.unknown().optional(),
});

const lineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('step_start'),
    part: z.object({ id: z.string() }),
  }),
  z.object({
    type: z.literal('text'),
    part: z.object({ text: z.string() }),
  }),
  z.object({ type: z.literal('reasoning') }),
  z.object({
    type: z.literal('tool_use'),
    part: z.object({
      tool: z.string(),
      callID: z.string(),
      state: toolStateSchema,
    }),
  }),
  z.object({
    type: z.literal('step_finish'),
    part: z.object({
      reason: z.string(),
      cost: reportedCost,
      tokens: tokensSchema,
    }),
  }),
  z.object({ type: z.literal('error'), error: z.unknown().optional() }),
]);
type Line = z.output<typeof lineSchema>;
type Part<T extends Line['type']> = Extract<
  Line,
  { type: T; part: unknown }
>['part'];

const sessionSchema = z.object({ sessionID: z.string() });
const exitSchema = z.object({ exit: z.number() });

/** A step that ends without a reason is what a broken stream looks like: OpenCode asks again, for ever. */
const SUSPICIOUS = new Set(['unknown', 'other', 'error']);

function readTool({ tool, callID, state }: Part<'tool_use'>, reading: Reading) {
  const exit = exitSchema.safeParse(state.metadata).data?.exit ?? 0;
  const ok = state.status === 'completed' && exit === 0;
  reading.called(tool, state.input);
  reading.tool({
    id: callID,
    name: tool,
    status: ok ? 'completed' : 'failed',
    ...describeInput(state.input),
    ...(state.title !== undefined && { title: state.title }),
  });
  if (ok)
    for (const { path, change } of changedFiles(tool, state))
      reading.file(path, change);
}

function readUsage(
  { cost, tokens }: Part<'step_finish'>,
  reading: Reading,
): void {
  const { input, reasoning, cache } = tokens;
  const output = tokens.output + reasoning;
  const step = tokenCounts({
    input,
    // Versions differ in whether reasoning is part of the output; the total tells.
    output: Math.min(
      output,
      Math.max(
        tokens.output,
        (tokens.total ?? Infinity) - input - cache.read - cache.write,
      ),
    ),
    reasoning,
    cache_read: cache.read,
    cache_write: cache.write,
  });
  const costUsd = (reading.costUsd ?? 0) + (cost ?? 0);
  // A model without a known price costs nothing: better no figure than a wrong one.
  reading.usage(
    addTokens(reading.tokens, step),
    costUsd > 0 ? costUsd : undefined,
  );
}

/** Reads `opencode run --format json`. */
export function createParser(): Parser {
  let lastReason: string | undefined;
  let lastError = false;

  const read = (line: Line, reading: Reading): void => {
    switch (line.type) {
      case 'step_start':
        // A retry has the message of the try before, and a part of its own.
        reading.step(line.part.id);
        return;
      case 'text':
        reading.message(line.part.text);
        return;
      case 'reasoning':
        return;
      case 'tool_use':
        readTool(line.part, reading);
        return;
      case 'step_finish':
        lastReason = line.part.reason;
        reading.suspiciousSteps = SUSPICIOUS.has(lastReason)
          ? reading.suspiciousSteps + 1
          : 0;
        readUsage(line.part, reading);
        return;
      case 'error':
        lastError = true;
        reading.fail(openCodeError(line.error));
    }
  };

  return {
    words: WORDS,
    line(value, reading) {
      const parsed = lineSchema.safeParse(value);
      if (!parsed.success) return false;
      const { data } = sessionSchema.safeParse(value);
      if (data) reading.session(data.sessionID);
      read(parsed.data, reading);
      return true;
    },
    stderr(line, reading) {
      if (saysSessionUnknown(line)) reading.sessionUnknown = true;
      const error = retryError(line);
      if (error === undefined) return false;
      reading.retrying(`Trying again: ${error.text}`, error);
      return true;
    },
    finishedWell: ({ exitCode }: AgentExit) =>
      exitCode === 0 && lastReason === 'stop' && !lastError,
  };
}
