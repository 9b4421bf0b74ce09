export type { Audit, AuditQuery, NewAudit } from './audit.ts';
export { loadOrCreateKey } from './cipher.ts';
export {
  copyDatabase,
  type CopiedDatabase,
  readNewestBeat,
  readSandboxes,
  type SandboxGlance,
} from './copy-database.ts';
export { SCHEMA_VERSION } from './migrate.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type { MemoryReading, Pressure } from './pressure.ts';
export type { Starts } from './starts.ts';
export type * from './store.ts';
export { isStoreFailure, storeFailure } from './store-failure.ts';
