import type { TaskOptions } from '@sandboxed/sdk';

/** A coding agent, and the variable that it takes its provider's key from. */
export interface Agent {
  readonly name: TaskOptions['agent'];
  readonly key: string;
  /** Any of these serves it. */
  readonly keys: readonly string[];
}

export const AGENTS: readonly [Agent, ...Agent[]] = [
  {
    name: 'claude-code',
    key: 'ANTHROPIC_API_KEY',
    keys: [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      'CLAUDE_CODE_OAUTH_TOKEN',
    ],
  },
  {
    name: 'opencode',
    key: 'ANTHROPIC_API_KEY',
    keys: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
  },
  {
    name: 'codex',
    key: 'OPENAI_API_KEY',
    keys: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
  },
];

/** The variable of a sandbox that the agent finds its key in, if any. */
export function keyIn(
  { keys }: Agent,
  names: readonly string[],
): string | undefined {
  return keys.find((name) => names.includes(name));
}
