/** A column whose values are encrypted. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Columns of the table's primary key. */
  readonly key: readonly [string, ...string[]];
  /** SQL of whose the row is, for messages. */
  readonly owner: string;
  /** What it holds, for messages. */
  readonly holds: string;
  /** What can be done when it is lost, for messages. */
  readonly remedy: string;
  /** What the first format bound a value to; undefined where it was never used. */
  readonly firstContext?: (key: readonly string[]) => string;
}

const ENV = {
  table: 'sandboxes',
  column: 'env_sealed',
  key: ['id'],
  owner: "'sandbox ' || id",
  holds: 'environment',
  remedy: 'delete the sandbox and create it again: its files stay',
  firstContext: ([id]) => `env:${id}`,
} as const satisfies SealedColumn;

const JOB = {
  table: 'jobs',
  column: 'secret_sealed',
  key: ['id'],
  owner: "'sandbox ' || sandbox_id",
  holds: "job's environment or input",
  remedy: 'send the job again',
  firstContext: ([id]) => `job:${id}`,
} as const satisfies SealedColumn;

const SERVICE = {
  table: 'services',
  column: 'spec_sealed',
  key: ['sandbox_id', 'name'],
  owner: "'sandbox ' || sandbox_id",
  holds: 'declared service',
  remedy: 'remove the service and declare it again',
  firstContext: ([id, name]) => `service:${id}:${name}`,
} as const satisfies SealedColumn;

/** A digest of a whole request: it lets a guess at the secrets in it be checked. */
const FINGERPRINT = {
  table: 'idempotency',
  column: 'fingerprint_sealed',
  key: ['owner', 'key'],
  owner: "'caller ' || owner",
  holds: 'Idempotency-Key',
  remedy: 'use a new key',
} as const satisfies SealedColumn;

/** The secrets that deliveries of a webhook are signed with. */
const WEBHOOK = {
  table: 'webhooks',
  column: 'secrets_sealed',
  key: ['id'],
  owner: "'webhook ' || id",
  holds: 'signing secret',
  remedy: 'rotate its secret',
} as const satisfies SealedColumn;

/** Every one there is: a rotation goes through them. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ENV,
  JOB,
  SERVICE,
  FINGERPRINT,
  WEBHOOK,
];

/** The one place of a sealed value: it opens nowhere else. */
export interface Place {
  readonly column: SealedColumn;
  /** Values of the column's primary key. */
  readonly key: readonly string[];
  /** Whose it is, such as `sandbox <id>`. */
  readonly owner: string;
}

/** The environment of a sandbox. */
export const envOf = (id: string): Place => ({
  column: ENV,
  key: [id],
  owner: `sandbox ${id}`,
});

/** What a job is not to tell: environment and input. */
export const secretOf = (job: string, sandboxId: string): Place => ({
  column: JOB,
  key: [job],
  owner: `sandbox ${sandboxId}`,
});

/** A service declared over the API. */
export const serviceOf = (sandboxId: string, name: string): Place => ({
  column: SERVICE,
  key: [sandboxId, name],
  owner: `sandbox ${sandboxId}`,
});

/** What a webhook's deliveries are signed with. */
export const webhookSecretsOf = (id: string): Place => ({
  column: WEBHOOK,
  key: [id],
  owner: `webhook ${id}`,
});

/** The request that an Idempotency-Key stands for. */
export const fingerprintOf = (owner: string, key: string): Place => ({
  column: FINGERPRINT,
  key: [owner, key],
  owner: `caller ${owner}`,
});
