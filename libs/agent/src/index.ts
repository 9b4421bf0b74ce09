export * from './protocol.ts';
export { AGENT_LIMITS } from './limits.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
export {
  createAgentClient,
  type AgentClient,
  type CallOptions,
} from './client/agent-client.ts';
