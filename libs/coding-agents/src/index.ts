export * from './coding-agent.ts';
export * from './instructions.ts';
export * from './registry.ts';
