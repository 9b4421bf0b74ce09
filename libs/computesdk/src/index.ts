export type { SandboxedConfig } from './provider.ts';
export { sandboxed } from './provider.ts';
