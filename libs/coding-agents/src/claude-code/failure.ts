import type { AgentWords } from '../classify.ts';
import type { ErrorWords } from '../error-words.ts';
import { errorWords } from '../error-words.ts';
import type { LineOf } from './lines.ts';

export const WORDS: AgentWords = {
  title: 'Claude Code',
  key: 'ANTHROPIC_API_KEY',
};

const UNKNOWN_SESSION = /no conversation found with session id/i;

/** Says that the session to resume does not exist. */
export const saysSessionUnknown = (said: string | LineOf<'result'>): boolean =>
  UNKNOWN_SESSION.test(
    typeof said === 'string'
      ? said
      : JSON.stringify([said.result, said.errors]),
  );

/** What `system/api_retry` tells: a status, and a kind such as `rate_limit`. */
export function retryError({
  error,
  error_status: status,
}: LineOf<'system'>): ErrorWords {
  const { text, hints } = errorWords(error);
  const answered =
    status === undefined
      ? 'the provider does not answer'
      : `the provider answered ${status}`;
  return {
    text: text === '' ? answered : `${answered} (${text})`,
    status,
    hints,
  };
}

/** What a `result` with `is_error` tells; its `subtype` may still be `success`. */
export function resultError(line: LineOf<'result'>): ErrorWords {
  const said = errorWords(line.result);
  const listed = Array.isArray(line.errors) ? line.errors.map(errorWords) : [];
  const reason = line.terminal_reason ?? line.subtype ?? 'unknown reason';
  if (/^aborted/.test(reason))
    return { text: 'it was interrupted', status: undefined, hints: '' };
  return {
    text:
      [said, ...listed]
        .map(({ text }) => text)
        .filter((text) => text !== '')
        .join(' ') || `it stopped: ${reason}`,
    status: line.api_error_status ?? said.status,
    hints: [said.hints, line.api_error_type, line.terminal_reason]
      .filter((hint) => hint !== undefined && hint !== '')
      .join(' '),
  };
}
