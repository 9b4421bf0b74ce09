import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId, SandboxId } from '@sandboxed/domain';
import {
  DEFAULT_LIMITS,
  jobIdSchema,
  sandboxIdSchema,
} from '@sandboxed/domain';
import type { NewSandbox, Store } from '@sandboxed/store';
import { openStore } from '@sandboxed/store';
import { ulid } from 'ulid';
import { afterwards } from '../../../libs/queue/test/support.ts';

export const newJobId = (): JobId => jobIdSchema.parse(ulid());

/** A data directory, with its key, that goes with the test. */
export async function dataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'reaper-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'secret.key'), randomBytes(32), {
    mode: 0o600,
  });
  return directory;
}

/** A store on the database that the process under test uses as well. */
export function storeIn(directory: string, keyDirectory = directory): Store {
  const store = openStore({
    path: join(directory, 'sandboxed.sqlite'),
    keyFile: join(keyDirectory, 'secret.key'),
    onCommit: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  afterwards(() => {
    store.close();
  });
  return store;
}

/** A sandbox in state `running` whose last activity was at `activeAt`; its timeout is one minute. */
export function runningSandbox(
  store: Store,
  activeAt: number,
  overrides: Partial<NewSandbox> = {},
): SandboxId {
  const id = sandboxIdSchema.parse(ulid());
  store.sandboxes.insert(
    {
      id,
      tenant: 'open',
      name: null,
      image: 'any',
      template: null,
      ports: [3000],
      labels: {},
      limits: DEFAULT_LIMITS,
      idle_policy: 'sleep',
      idle_timeout_seconds: 60,
      visibility: 'public',
      wake: 'on_request',
      egress: 'open',
      external: {},
      ...overrides,
    },
    {},
    { actor: 'test', now: activeAt },
  );
  store.sandboxes.transition(id, 'ready', {
    actor: 'test',
    reason: 'test',
    now: activeAt,
  });
  return id;
}

/** Queues an exec of a sandbox. */
export function queueExec(
  store: Store,
  sandboxId: SandboxId,
  now: number,
): JobId {
  const id = newJobId();
  store.jobs.submit({
    id,
    sandboxId,
    kind: 'exec',
    payload: { cmd: ['true'], timeout_seconds: null, background: false },
    requestedBy: 'test',
    now,
  });
  return id;
}

/** Queues `count` execs in each of `sandboxes` sandboxes, in one transaction. */
export function queueMany(
  store: Store,
  sandboxes: number,
  count: number,
  now: number,
): readonly JobId[] {
  return store.transaction(() =>
    Array.from({ length: sandboxes }, () => runningSandbox(store, now)).flatMap(
      (id) => Array.from({ length: count }, () => queueExec(store, id, now)),
    ),
  );
}
