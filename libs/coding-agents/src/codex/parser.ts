import type { FileChange, TokenCounts } from '@sandboxed/domain';
import { NO_TOKENS } from '@sandboxed/domain';
import { errorWords } from '../error-words.ts';
import type { Parser } from '../reader.ts';
import type { Reading } from '../reading.ts';
import { tokenCounts, tokensSince } from '../token-math.ts';
import { isNoise, isProgress, saysSessionUnknown, WORDS } from './failure.ts';
import type { Item, Line } from './lines.ts';
import { lineSchema } from './lines.ts';

const CHANGES: Record<string, FileChange['change']> = {
  add: 'added',
  delete: 'deleted',
};

type Phase = 'started' | 'updated' | 'completed';

function readItem(item: Item, phase: Phase, reading: Reading): void {
  const done = phase === 'completed';
  if (done && item.type !== 'error') reading.step(item.id);
  switch (item.type) {
    case 'agent_message':
      if (done) reading.message(item.text);
      return;
    case 'command_execution':
      readCommand(item, phase, reading);
      return;
    case 'file_change':
      readPatch(item, phase, reading);
      return;
    case 'error':
      // A warning: the turn goes on.
      if (done) reading.raw(errorWords(item.message).text);
      return;
    case 'reasoning':
      return;
  }
}

/** The command itself: Codex gives each to a shell. */
const withoutShell = (command: string): string =>
  command.replace(/^(?:\/\S*\/)?(?:ba|z|da)?sh -l?c (['"]?)([^]*)\1$/, '$2');

function readCommand(
  item: Extract<Item, { type: 'command_execution' }>,
  phase: Phase,
  reading: Reading,
): void {
  const { id, type: name, command, exit_code: exit, status } = item;
  if (phase === 'updated') return;
  if (phase === 'started') reading.called(name, command);
  const failed = status === 'failed' || (exit ?? 0) !== 0;
  const ended = failed ? 'failed' : 'completed';
  reading.tool({
    id,
    name,
    status: phase === 'completed' ? ended : 'running',
    title: withoutShell(command),
  });
}

function readPatch(
  item: Extract<Item, { type: 'file_change' }>,
  phase: Phase,
  reading: Reading,
): void {
  const { id, type: name, changes, status } = item;
  if (phase === 'updated') return;
  if (phase === 'started') reading.called(name, changes);
  const failed = status === 'failed';
  const ended = failed ? 'failed' : 'completed';
  reading.tool({
    id,
    name,
    status: phase === 'completed' ? ended : 'running',
    path: changes.length === 1 ? changes[0]?.path : undefined,
  });
  if (phase !== 'completed' || failed) return;
  for (const { path, kind } of changes)
    reading.file(path, CHANGES[kind] ?? 'modified');
}

/** `turn.completed` counts the whole thread, earlier tasks included. */
function readUsage(
  usage: Extract<Line, { type: 'turn.completed' }>['usage'],
  reading: Reading,
): void {
  const cached = usage.cached_input_tokens + usage.cache_write_input_tokens;
  const total: TokenCounts = tokenCounts({
    input: Math.max(usage.input_tokens - cached, 0),
    output: usage.output_tokens,
    reasoning: usage.reasoning_output_tokens,
    cache_read: usage.cached_input_tokens,
    cache_write: usage.cache_write_input_tokens,
  });
  const { previous, sessionId } = reading;
  const same = previous?.id === sessionId ? previous?.tokens : undefined;
  reading.sessionTokens = total;
  reading.usage(tokensSince(total, same ?? NO_TOKENS), undefined);
}

/** Reads `codex exec --json`. */
export function createParser(): Parser {
  let turnCompleted = false;

  const failed = (error: unknown, reading: Reading): void => {
    const words = errorWords(error);
    if (isProgress(words.text)) reading.retrying(words.text, words);
    else reading.fail(words);
  };

  const read = (line: Line, reading: Reading): void => {
    switch (line.type) {
      case 'thread.started':
        reading.session(line.thread_id);
        return;
      case 'turn.started':
        return;
      case 'item.started':
        readItem(line.item, 'started', reading);
        return;
      case 'item.updated':
        readItem(line.item, 'updated', reading);
        return;
      case 'item.completed':
        readItem(line.item, 'completed', reading);
        return;
      case 'turn.completed':
        turnCompleted = true;
        readUsage(line.usage, reading);
        return;
      case 'turn.failed':
        failed(line.error, reading);
        return;
      case 'error':
        failed(line.message ?? line.error, reading);
    }
  };

  return {
    words: WORDS,
    line(value, reading) {
      const { data } = lineSchema.safeParse(value);
      if (data === undefined) return false;
      read(data, reading);
      return true;
    },
    stderr(line, reading) {
      if (saysSessionUnknown(line)) reading.sessionUnknown = true;
      return isNoise(line);
    },
    finishedWell: ({ exitCode }) => exitCode === 0 && turnCompleted,
  };
}
