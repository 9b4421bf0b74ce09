import { AgentError } from '@sandboxed/agent';
import { DomainError } from '@sandboxed/domain';

/** The agent's failures in the words of the domain. */
export function asDomainError(error: unknown): never {
  if (!(error instanceof AgentError)) throw error;
  const options = { cause: error };
  switch (error.code) {
    case 'agent_unreachable':
      throw new DomainError(
        'agent_unreachable',
        'The sandbox does not answer. It may be out of memory or stopping; try again.',
        options,
      );
    case 'agent_protocol':
      throw new DomainError(
        'agent_protocol',
        `The sandbox's agent answered in a way that is not understood: ${error.message}`,
        options,
      );
    case 'agent_incompatible':
      throw new DomainError(
        'agent_protocol',
        `The sandbox was started by a version of sandboxed that is too far from this one to speak with: ${error.message}. It runs on, with its services. Stop it and start it again to use it: its files stay.`,
        options,
      );
    case 'agent_refused':
    case 'agent_not_found':
      throw new DomainError('invalid_request', error.message, options);
  }
}
