import type { AgentName } from '@sandboxed/domain';
import { claudeCode } from './claude-code/adapter.ts';
import { codex } from './codex/adapter.ts';
import type { CodingAgent } from './coding-agent.ts';
import { openCode } from './opencode/adapter.ts';

/** Every coding agent that a task can ask for. */
export const CODING_AGENTS: Readonly<Record<AgentName, CodingAgent>> = {
  opencode: openCode,
  'claude-code': claudeCode,
  codex,
};
