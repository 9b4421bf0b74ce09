import type { AgentWords } from '../classify.ts';

export const WORDS: AgentWords = { title: 'Codex', key: 'OPENAI_API_KEY' };

/** "Reconnecting... 1/5 (…)" goes on; the same words without it are the end. */
export const isProgress = (message: string): boolean =>
  /^reconnecting\b.*\d+\/\d+/i.test(message);

export const isNoise = (line: string): boolean =>
  /^reading prompt from stdin/i.test(line);

export const saysSessionUnknown = (line: string): boolean =>
  /no rollout found|thread .* not found|session .* not found/i.test(line);
