import type { AgentWords } from '../classify.ts';
import type { ErrorWords } from '../error-words.ts';
import { errorWords } from '../error-words.ts';

export const WORDS: AgentWords = {
  title: 'OpenCode',
  key: 'ANTHROPIC_API_KEY or OPENAI_API_KEY',
};

/** Words of `{error: {name, data: {message, statusCode, responseBody}}}`. */
export const openCodeError = (error: unknown): ErrorWords => errorWords(error);

/** A line of its log: the answer of the model broke off, and it will ask again. The small model only writes titles. */
const STREAM_ERROR =
  /level=ERROR .*message="stream error" .*\bsmall=false .*\berror\.error="((?:[^"\\]|\\.)*)"/;

/** Words of a failed call that OpenCode tries again; undefined for any other line. */
export function retryError(line: string): ErrorWords | undefined {
  const said = STREAM_ERROR.exec(line)?.[1];
  if (said === undefined) return undefined;
  const text = said.replaceAll(/\\(.)/g, '$1').replace(/^AI_\w+: /, '');
  return errorWords(text);
}

export const saysSessionUnknown = (line: string): boolean =>
  /session not found/i.test(line);
