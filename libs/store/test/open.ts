import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId, JobKind, JobPayload, SandboxId } from '@sandboxed/domain';
import {
  createRequestSchema,
  DEFAULT_LIMITS,
  DomainError,
  jobIdSchema,
  sandboxIdSchema,
} from '@sandboxed/domain';
import type { Committed, NewSandbox, Store } from '../src/index.ts';
import { openStore } from '../src/index.ts';

let made = 0;

/** A ULID of its own for each call, in rising order. */
export function nextId(): string {
  made += 1;
  return `01ARZ3NDEK${made.toString().padStart(16, '0')}`;
}
export const sandboxId = (): SandboxId => sandboxIdSchema.parse(nextId());
export const jobId = (): JobId => jobIdSchema.parse(nextId());

/** Stores on one file in a directory of its own, all closed and removed by `clean`. */
export function temporary() {
  const dir = mkdtempSync(join(tmpdir(), 'sandboxed-store-'));
  const path = join(dir, 'test.sqlite');
  const keyFile = join(dir, 'secret.key');
  const open_: Store[] = [];
  return {
    dir,
    path,
    keyFile,
    open(onCommit: (committed: Committed) => void = () => undefined): Store {
      const store = openStore({
        path,
        keyFile,
        onCommit,
        onError: (error) => {
          throw error;
        },
      });
      open_.push(store);
      return store;
    },
    clean(): void {
      for (const store of open_) store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Columns of a new sandbox as the api makes them from an empty request. */
export function newSandbox(id: SandboxId, body: unknown = {}): NewSandbox {
  const request = createRequestSchema.parse(body);
  return {
    id,
    tenant: 'open',
    name: request.name ?? null,
    image: 'image',
    template: null,
    ports: request.ports,
    labels: request.labels,
    limits: DEFAULT_LIMITS,
    idle_policy: request.idle_policy,
    idle_timeout_seconds: request.idle_timeout_seconds ?? 60,
    visibility: request.visibility,
    wake: request.wake,
    egress: request.egress,
    external: request.external,
  };
}

/** Inserts a sandbox with some env, without a job. */
export function insert(
  store: Store,
  body: unknown = {},
  now = 1_000,
): SandboxId {
  const id = sandboxId();
  store.sandboxes.insert(
    newSandbox(id, body),
    { TOKEN: 'very-secret-value' },
    { actor: 'test', now },
  );
  return id;
}

/** Submits a job of a sandbox. */
export function submit<K extends JobKind>(
  store: Store,
  id: SandboxId,
  kind: K,
  payload: JobPayload<K>,
  secret?: unknown,
): JobId {
  const job = jobId();
  store.jobs.submit({
    id: job,
    sandboxId: id,
    kind,
    payload,
    ...(secret !== undefined && { secret }),
    requestedBy: 'test',
    now: 1_000,
  });
  return job;
}

/** An exec's payload. */
export const EXEC = {
  shell: 'true',
  timeout_seconds: null,
  background: false,
} as const;

/** Code of what the work throws; undefined when it throws nothing. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
}
