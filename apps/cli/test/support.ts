import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobId, SandboxId, SandboxState } from '@sandboxed/domain';
import {
  createRequestSchema,
  DEFAULT_LIMITS,
  jobIdSchema,
  sandboxIdSchema,
  workspaceDir,
} from '@sandboxed/domain';
import type { Store } from '@sandboxed/store';
import { openStore } from '@sandboxed/store';
import type { BackupOptions } from '../src/backup.ts';
import { backUp } from '../src/backup.ts';
import { restore } from '../src/restore.ts';

type Common = Pick<BackupOptions, 'now' | 'say' | 'signal'>;

const NOW = Date.parse('2026-11-24T02:00:00Z');
let made = 0;
const nextId = (): string =>
  `01ARZ3NDEK${(made += 1).toString().padStart(16, '0')}`;

/** The events that lead from `creating` to each state that a row may be in when it is copied. */
const WAY = {
  creating: [],
  running: ['ready'],
  stopping: ['ready', 'stop'],
  stopped: ['ready', 'stop', 'exited'],
  starting: ['ready', 'stop', 'exited', 'start'],
  error: ['fail'],
  deleting: ['ready', 'delete'],
  deleted: ['ready', 'delete', 'removed'],
} as const satisfies Record<SandboxState, unknown>;

/** A directory for installations and backups, gone after `clean`, and the commands on them. */
export function place() {
  const root = mkdtempSync(join(tmpdir(), 'sandboxed-cli-'));
  const stores: Store[] = [];
  const common: Common = {
    now: () => NOW,
    say: () => undefined,
    signal: new AbortController().signal,
  };

  return {
    root,
    /** The store of the installation in `root/name`, opened as a process of the stack does. */
    open(name: string): Store {
      const dataDir = join(root, name);
      mkdirSync(join(dataDir, 'db'), { recursive: true });
      const store = openStore({
        path: join(dataDir, 'db', 'sandboxed.sqlite'),
        keyFile: join(dataDir, 'secret.key'),
        onCommit: () => undefined,
        onError: (error) => {
          throw error;
        },
      });
      stores.push(store);
      return store;
    },
    /** A sandbox in that state with a workspace. */
    sandbox(store: Store, name: string, state: SandboxState): SandboxId {
      const id = sandboxIdSchema.parse(nextId());
      const by = { actor: 'test', reason: 'test', now: 1_000 };
      const request = createRequestSchema.parse({});
      store.sandboxes.insert(
        {
          ...request,
          id,
          tenant: 'open',
          name: null,
          image: 'image',
          template: null,
          limits: DEFAULT_LIMITS,
          idle_timeout_seconds: 60,
        },
        { TOKEN: 'kept' },
        by,
      );
      for (const event of WAY[state]) store.sandboxes.transition(id, event, by);
      mkdirSync(workspaceDir(join(root, name), id), { recursive: true });
      return id;
    },
    exec(store: Store, sandboxId: SandboxId): JobId {
      const id = jobIdSchema.parse(nextId());
      store.jobs.submit({
        id,
        sandboxId,
        kind: 'exec',
        payload: { shell: 'true', timeout_seconds: null, background: false },
        secret: { env: { K: 'secret' } },
        requestedBy: 'test',
        now: 1_000,
      });
      return id;
    },
    /** Backs `root/from` up to `root/to`. */
    backUp(from: string, to: string, more: Partial<Common> = {}) {
      return backUp({
        ...common,
        ...more,
        dataDir: join(root, from),
        directory: join(root, to),
        version: '1.2.3',
      });
    },
    /** Restores `root/from` to `root/to`. */
    restore(from: string, to: string, more: Partial<Common> = {}) {
      return restore({
        ...common,
        ...more,
        directory: join(root, from),
        dataDir: join(root, to),
      });
    },
    clean(): void {
      for (const store of stores) store.close();
      // Some tests make paths that are too long for Node.
      execFileSync('rm', ['-rf', root]);
    },
  };
}
