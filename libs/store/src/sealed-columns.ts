/** A column whose values are encrypted. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Columns of the table's primary key. */
  readonly key: readonly [string, ...string[]];
  /** The column with the id of the sandbox that the row is of. */
  readonly owner: string;
  /** What it holds, for messages. */
  readonly holds: string;
  /** What the first format bound a value to. */
  readonly firstContext: (key: readonly string[]) => string;
}

const ENV = {
  table: 'sandboxes',
  column: 'env_sealed',
  key: ['id'],
  owner: 'id',
  holds: 'environment',
  firstContext: ([id]) => `env:${id}`,
} as const satisfies SealedColumn;

const JOB = {
  table: 'jobs',
  column: 'secret_sealed',
  key: ['id'],
  owner: 'sandbox_id',
  holds: "job's environment or input",
  firstContext: ([id]) => `job:${id}`,
} as const satisfies SealedColumn;

const SERVICE = {
  table: 'services',
  column: 'spec_sealed',
  key: ['sandbox_id', 'name'],
  owner: 'sandbox_id',
  holds: 'declared service',
  firstContext: ([id, name]) => `service:${id}:${name}`,
} as const satisfies SealedColumn;

/** Every one there is: a rotation goes through them. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [ENV, JOB, SERVICE];

/** The one place of a sealed value: it opens nowhere else. */
export interface Place {
  readonly column: SealedColumn;
  /** Values of the column's primary key. */
  readonly key: readonly string[];
  readonly sandboxId: string;
}

/** The environment of a sandbox. */
export const envOf = (id: string): Place => ({
  column: ENV,
  key: [id],
  sandboxId: id,
});

/** What a job is not to tell: environment and input. */
export const secretOf = (job: string, sandboxId: string): Place => ({
  column: JOB,
  key: [job],
  sandboxId,
});

/** A service declared over the API. */
export const serviceOf = (sandboxId: string, name: string): Place => ({
  column: SERVICE,
  key: [sandboxId, name],
  sandboxId,
});
