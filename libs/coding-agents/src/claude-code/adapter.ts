import { withoutVersion } from '../base-url.ts';
import type { CodingAgent, Order } from '../coding-agent.ts';
import { createReader } from '../reader.ts';
import { createParser } from './parser.ts';

const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // It also tries again what no retry mends, for minutes with its own default.
  CLAUDE_CODE_MAX_RETRIES: '3',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_TELEMETRY: '1',
};

function baseUrl(env: Order['env']): Record<string, string> {
  const url = env['ANTHROPIC_BASE_URL'];
  return url === undefined ? {} : { ANTHROPIC_BASE_URL: withoutVersion(url) };
}

/** Claude Code, `claude -p`. */
export const claudeCode: CodingAgent = {
  name: 'claude-code',
  invoke: ({ prompt, model, session, env, instructions }) => ({
    argv: [
      ...['claude', '-p', '--output-format', 'stream-json', '--verbose'],
      // The container is the sandbox, and nobody is there to be asked.
      ...['--include-partial-messages', '--dangerously-skip-permissions'],
      ...['--append-system-prompt', instructions],
      ...(model === undefined ? [] : ['--model', model]),
      ...(session ? ['--resume', session.id] : []),
    ],
    env: { ...QUIET, ...env, ...baseUrl(env) },
    stdin: prompt,
  }),
  read: (session) => createReader(createParser(), session),
};
