import type { SandboxId, SandboxRecord } from '@sandboxed/domain';
import {
  DEFAULT_LIMITS,
  firstGeneration,
  SANDBOX_STATES,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { z } from 'zod';
import type { Cipher } from './cipher.ts';
import { envOf } from './sealed-columns.ts';
import type { Session } from './session.ts';
import type { Sandboxes } from './store.ts';

/** What the rows say of workspace directories. */
export interface WorkspaceRows {
  /** Of every row, tombstones too. */
  all(): ReadonlyMap<SandboxId, Pick<SandboxRecord, 'state' | 'has_workspace'>>;
  /**
   * A directory was found that no row tells of: its row, or a tombstone made for it, remembers it from now on, so that a purge
   * removes it and a create with that id finds it.
   */
  adopt(
    id: SandboxId,
    by: {
      readonly actor: string;
      readonly reason: string;
      readonly now: number;
    },
  ): void;
}

const traceSchema = z.object({
  id: sandboxIdSchema,
  state: z.enum(SANDBOX_STATES),
  has_workspace: z.literal([0, 1]),
});

/** See {@link WorkspaceRows}. */
export function createWorkspaceRows(
  session: Session,
  cipher: Cipher,
  sandboxes: Pick<Sandboxes, 'get'>,
): WorkspaceRows {
  const { db } = session;
  const all = db.prepare('SELECT id, state, has_workspace FROM sandboxes');
  const remember = db.prepare<[string]>(
    'UPDATE sandboxes SET has_workspace = 1, version = version + 1 WHERE id = ?',
  );
  const insert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO sandboxes (id, state, state_reason, state_actor, image, ports, env_names, env_sealed, labels, limits,
       idle_policy, idle_timeout_seconds, visibility, wake, egress, external, generation, version, has_workspace,
       reserved_mb, created_at, updated_at, last_active_at)
     VALUES (@id, 'deleted', @reason, @actor, '', '[]', '[]', @env, '{}', @limits,
       'sleep', 1, 'public', 'on_request', 'open', '{}', @generation, 1, 1, 0, @now, @now, @now)`,
  );
  return {
    all: () =>
      new Map(
        all.all().map((raw): [SandboxId, Trace] => {
          const { id, state, has_workspace } = traceSchema.parse(raw);
          return [id, { state, has_workspace: has_workspace === 1 }];
        }),
      ),

    adopt(id, { actor, reason, now }) {
      session.transaction(() => {
        if (sandboxes.get(id) !== undefined) {
          remember.run(id);
          return;
        }
        insert.run({
          id,
          actor,
          reason,
          now,
          env: cipher.seal({}, envOf(id)),
          limits: JSON.stringify(DEFAULT_LIMITS),
          generation: firstGeneration(now),
        });
      });
    },
  };
}

type Trace = Pick<SandboxRecord, 'state' | 'has_workspace'>;
