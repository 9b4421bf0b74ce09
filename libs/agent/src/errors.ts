/**
 * What can go wrong with a call to an agent:
 * `agent_unreachable` no connection, cut off or no answer in time; `agent_protocol` an answer that is not of the
 * protocol or over its bounds; `agent_incompatible` its version is too far from ours; `agent_refused` the agent said no; `agent_not_found` it knows no such thing.
 */
export type AgentErrorCode =
  | 'agent_unreachable'
  | 'agent_protocol'
  | 'agent_incompatible'
  | 'agent_refused'
  | 'agent_not_found';

/** An error of a call to an agent. The text may come from the tenant: it is bounded, and not to be trusted. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  /** The agent's own code, when it answered one. */
  readonly reason: string | undefined;

  constructor(
    code: AgentErrorCode,
    message: string,
    options: { readonly reason?: string; readonly cause?: unknown } = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.reason = options.reason;
  }
}
