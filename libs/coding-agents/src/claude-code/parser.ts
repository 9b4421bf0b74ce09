import { z } from 'zod';
import { clip, TEXT_LIMITS } from '../bounds.ts';
import type { Parser } from '../reader.ts';
import type { Reading } from '../reading.ts';
import { describeInput } from '../tool-input.ts';
import {
  resultError,
  retryError,
  saysSessionUnknown,
  WORDS,
} from './failure.ts';
import type { Block, LineOf } from './lines.ts';
import { fileResultSchema, lineSchema, streamEventSchema } from './lines.ts';
import { createMeter, spentSince } from './meter.ts';

const sessionSchema = z.object({ session_id: z.string() });

/** Subtypes of `system` that tell nothing a user wants to know. */
const SYSTEM_NOISE = new Set(['init', 'status', 'thinking_tokens']);

/** A message that Claude Code writes in the model's place, such as the words of an error. */
const SYNTHETIC = '<synthetic>';

/** Tools that run at once are few; one that never answers is forgotten with the rest. */
const RUNNING_TOOLS_MAX = 1_000;

/** What is said of a tool again when it ends. */
interface RunningTool {
  readonly name: string;
  readonly title?: string;
  readonly path?: string;
}

/** Reads `claude -p --output-format stream-json`. */
export function createParser(): Parser {
  const meter = createMeter();
  const running = new Map<string, RunningTool>();
  let result: LineOf<'result'> | undefined;

  const system = (line: LineOf<'system'>, reading: Reading): boolean => {
    if (line.subtype !== 'api_retry') return SYSTEM_NOISE.has(line.subtype);
    const error = retryError(line);
    const attempt = `${line.attempt ?? '?'} of ${line.max_retries ?? '?'}`;
    reading.retrying(`Trying again (${attempt}): ${error.text}`, error);
    return true;
  };

  const toolUse = (
    { id, name, input }: Extract<Block, { type: 'tool_use' }>,
    reading: Reading,
  ): void => {
    if (running.size >= RUNNING_TOOLS_MAX) running.clear();
    const tool: RunningTool = {
      name: clip(name, TEXT_LIMITS.title),
      ...describeInput(input),
    };
    running.set(clip(id, TEXT_LIMITS.id), tool);
    reading.called(name, input);
    reading.tool({ ...tool, id, status: 'running' });
  };

  const toolResult = (
    { tool_use_id: id, is_error }: Extract<Block, { type: 'tool_result' }>,
    reading: Reading,
  ): void => {
    const key = clip(id, TEXT_LIMITS.id);
    const tool = running.get(key) ?? { name: 'tool' };
    running.delete(key);
    reading.tool({
      ...tool,
      id,
      status: is_error === true ? 'failed' : 'completed',
    });
  };

  const assistant = (line: LineOf<'assistant'>, reading: Reading): boolean => {
    const { id, model, content } = line.message;
    // The words of an error come again in the result.
    if (model === SYNTHETIC) return true;
    reading.step(id);
    for (const block of content) {
      if (block.type === 'tool_use') toolUse(block, reading);
      const main = (line.parent_tool_use_id ?? null) === null;
      if (block.type === 'text' && main) reading.message(block.text);
    }
    return true;
  };

  const user = (line: LineOf<'user'>, reading: Reading): boolean => {
    for (const block of line.message.content)
      if (block.type === 'tool_result') toolResult(block, reading);
    const { data: file } = fileResultSchema.safeParse(line.tool_use_result);
    if (file?.type === 'create') reading.file(file.filePath, 'added');
    else if (file?.structuredPatch !== undefined)
      reading.file(file.filePath, 'modified');
    return true;
  };

  const streamed = (event: unknown, reading: Reading): boolean => {
    const { data } = streamEventSchema.safeParse(event);
    if (data?.type === 'message_start') {
      reading.step(data.message.id);
      meter.start(data.message.usage);
    } else if (data?.type === 'message_delta') {
      reading.usage(meter.finish(data.usage), undefined);
    }
    return true;
  };

  const ended = (line: LineOf<'result'>, reading: Reading): boolean => {
    result = line;
    const cost = spentSince(line, reading.previous?.cost_usd);
    reading.sessionCostUsd = line.total_cost_usd;
    reading.usage(meter.total(line), cost);
    if (line.is_error !== false) {
      if (saysSessionUnknown(line)) reading.sessionUnknown = true;
      reading.fail(resultError(line));
    } else if (typeof line.result === 'string' && line.result !== '') {
      reading.finalMessage = clip(line.result, TEXT_LIMITS.message);
    }
    return true;
  };

  return {
    words: WORDS,
    line(value, reading) {
      const { data: line } = lineSchema.safeParse(value);
      if (line === undefined) return false;
      const { data: from } = sessionSchema.safeParse(value);
      if (from) reading.session(from.session_id);
      switch (line.type) {
        case 'system':
          return system(line, reading);
        case 'stream_event':
          return streamed(line.event, reading);
        case 'assistant':
          return assistant(line, reading);
        case 'user':
          return user(line, reading);
        case 'result':
          return ended(line, reading);
      }
    },
    stderr(line, reading) {
      if (saysSessionUnknown(line)) reading.sessionUnknown = true;
      return false;
    },
    finishedWell: ({ exitCode }) =>
      exitCode === 0 && result?.is_error === false,
  };
}
