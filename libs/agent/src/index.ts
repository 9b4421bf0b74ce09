export * from './protocol.ts';
export {
  type TerminalEnd,
  type TerminalRequest,
  type TerminalSize,
} from './terminal-protocol.ts';
export { type AgentTerminal, type TerminalFrame } from './client/terminal.ts';
export { readForeignAppFacts } from './app-facts.ts';
export { giveHeadStart } from './head-start.ts';
export { AGENT_LIMITS } from './limits.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
export {
  createAgentClient,
  type AgentClient,
  type CallOptions,
  type ReceivedFrame,
} from './client/agent-client.ts';
