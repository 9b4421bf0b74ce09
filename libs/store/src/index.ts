export type { ApiKeys } from './api-keys.ts';
export type { FeedEvent } from './feed.ts';
export { KeyFileError } from './key-file.ts';
export { createNewIds } from './new-ids.ts';
export { openKeyRing } from './key-ring.ts';
export type { Audit, AuditQuery, NewAudit } from './audit.ts';
export {
  copyDatabase,
  type CopiedDatabase,
  readNewestBeat,
  readSandboxes,
  type SandboxGlance,
} from './copy-database.ts';
export type { Disk, DiskReading, DiskRow, DiskTurn } from './disk.ts';
export { SCHEMA_VERSION } from './migrate.ts';
export { missingKeys } from './missing-keys.ts';
export { openStore, type StoreOptions } from './open-store.ts';
export type { MemoryReading, Pressure } from './pressure.ts';
export type { Quotas } from './quotas.ts';
export { rotateKey, type Rotation, type RotationStep } from './rotate-key.ts';
export type { Starts } from './starts.ts';
export type * from './store.ts';
export type { PoolClaim, PoolRest, WarmPool } from './warm-pool.ts';
export { isStoreFailure, storeFailure } from './store-failure.ts';
export type { Attempt, Deliveries, DueWebhook } from './deliveries.ts';
export type { NewWebhook, Webhooks, WebhookSecrets } from './webhooks.ts';
