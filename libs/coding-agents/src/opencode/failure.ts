import type { AgentWords } from '../classify.ts';
import type { ErrorWords } from '../error-words.ts';
import { errorWords } from '../error-words.ts';

export const WORDS: AgentWords = {
  title: 'OpenCode',
  key: 'ANTHROPIC_API_KEY or OPENAI_API_KEY',
};

/** Words of `{error: {name, data: {message, statusCode, responseBody}}}`. */
export const openCodeError = (error: unknown): ErrorWords => errorWords(error);

export const saysSessionUnknown = (line: string): boolean =>
  /session not found/i.test(line);
