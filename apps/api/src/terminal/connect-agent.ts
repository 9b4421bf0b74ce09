import type { AgentTerminal, TerminalSize } from '@sandboxed/agent';
import { AGENT_LIMITS, AgentError } from '@sandboxed/agent';
import type { Env } from '@sandboxed/domain';
import { DomainError } from '@sandboxed/domain';
import type { ApiDeps } from '../http/route.ts';
import type { Begun } from './begin.ts';
import { noTerminal } from './begin.ts';
import type { TerminalQuery } from './query.ts';

/** Opens or resumes a terminal in a sandbox that runs. Throws what is to be told of an agent that does not. */
export async function connectAgent(
  deps: ApiDeps,
  { sandboxId, id }: Begun,
  { terminal, after, cwd, cmd }: TerminalQuery,
  env: Env | undefined,
  size: TerminalSize,
  signal: AbortSignal,
): Promise<AgentTerminal> {
  const client = deps.agent(sandboxId);
  try {
    return await client.openTerminal(
      terminal !== undefined
        ? { type: 'resume', id, ...size, ...(after !== undefined && { after }) }
        : {
            ...{ type: 'open', id, ...size },
            ...(cwd !== undefined && { cwd }),
            ...(cmd !== undefined && { cmd }),
            ...(env !== undefined && { env }),
          },
      { signal },
    );
  } catch (error) {
    throw error instanceof AgentError ? told(error, id) : error;
  }
}

function told(error: AgentError, id: string): DomainError {
  const { code, reason, message } = error;
  const options = { cause: error };
  if (code === 'agent_not_found' && reason === 'not_found')
    return noTerminal(id);
  if (code === 'agent_not_found')
    return new DomainError(
      'agent_protocol',
      'This sandbox runs an agent from before there were terminals. Stop it and start it again.',
      options,
    );
  if (reason === 'too_many_terminals')
    return new DomainError(
      'busy',
      `This sandbox has ${AGENT_LIMITS.terminals} terminals, and gets no more until one has ended.`,
      options,
    );
  if (code === 'agent_refused')
    return new DomainError('invalid_request', message, options);
  return new DomainError(
    code === 'agent_unreachable' ? 'agent_unreachable' : 'agent_protocol',
    code === 'agent_unreachable'
      ? 'The sandbox does not answer. Try again.'
      : 'What the sandbox answers makes no sense.',
    options,
  );
}
