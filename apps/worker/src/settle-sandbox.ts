import type {
  AgentAnswer,
  ContainerMend,
  Finding,
  SandboxId,
  SandboxRecord,
  StateMend,
} from '@sandboxed/domain';
import {
  containerName,
  judgeAgent,
  judgeContainers,
  RECONCILER,
  toFailure,
} from '@sandboxed/domain';
import { startApp } from './app-services.ts';
import { isInOtherHands } from './in-other-hands.ts';
import { dropRoute, keepRoute } from './keep-route.ts';
import type { WorkerDeps } from './context.ts';
import type { Look } from './look.ts';
import { beginLook } from './look.ts';

export type ReconcileDeps = Pick<
  WorkerDeps,
  'store' | 'docker' | 'agents' | 'edge' | 'now' | 'logger'
>;

/** A second look sees whether the first one's mends hold; what is off then is left to the next round. */
const LOOKS = 2;

/** Looks closely at one sandbox and mends it. `known`: its open findings. */
export async function settleSandbox(
  deps: ReconcileDeps,
  id: SandboxId,
  known: readonly Pick<Finding, 'subject' | 'kind'>[],
): Promise<void> {
  let open = known;
  for (let round = 0; round < LOOKS; round += 1) {
    if (isInOtherHands(deps, id)) return;
    const told: Finding[] = [];
    const look = beginLook(deps, open);
    const noting: Look = {
      ...look,
      note(finding) {
        told.push(finding);
        look.note(finding);
      },
    };
    await lookAt(deps, id, noting);
    look.end();
    if (told.length === 0) return;
    open = [...open, ...told];
  }
}

/** The row is read before the containers; nothing is done once it has changed. */
async function lookAt(
  deps: ReconcileDeps,
  id: SandboxId,
  look: Look,
): Promise<void> {
  const before = living(deps, id);
  const { containers, nameTaken } = await deps.docker.find(id);
  const mends = judgeContainers(id, before, containers, nameTaken);
  // First, so that nothing is sent to a container that is about to go.
  if (before !== undefined && !write(deps, before, mends.state)) return;
  // It died while nobody looked, or what leads to it was written back.
  if (before?.state === 'running' && !mends.running) dropRoute(deps, id);
  const row = mends.state === undefined ? before : living(deps, id);
  for (const { action, kind, dockerId, message } of mends.containers) {
    const ours = ifUnchanged(deps, id, row, () => {
      look.note({
        ...{ kind, action, message },
        ...{ subject: id, detail: dockerId, sandboxId: id },
      });
    });
    if (!ours) return;
    await mendContainer(deps, id, action, dockerId);
  }
  if (row !== undefined && mends.running) await settleRunning(deps, row, look);
}

async function mendContainer(
  { docker }: ReconcileDeps,
  id: SandboxId,
  action: ContainerMend['action'],
  dockerId: string,
): Promise<void> {
  switch (action) {
    case 'removed':
      return docker.removeExact(dockerId);
    case 'renamed':
      return docker.rename(dockerId, containerName(id));
    case 'unpaused':
      return docker.unpause(dockerId);
  }
}

/** A running container: its sandbox is running, and its agent knows what to serve. */
async function settleRunning(
  deps: ReconcileDeps,
  row: SandboxRecord,
  look: Look,
): Promise<void> {
  const booted = await deps.agents.isBooted(row.id);
  const answer: AgentAnswer =
    booted === undefined ? 'silent' : booted ? 'booted' : 'fresh';
  const { boot, state, report } = judgeAgent(row.state, answer);
  if (report !== undefined) {
    const restarted = report === 'container_restarted';
    const ours = ifUnchanged(deps, row.id, row, () => {
      look.note({
        kind: report,
        subject: row.id,
        detail: '',
        sandboxId: row.id,
        action: restarted ? 'booted' : 'reported',
        message: restarted
          ? 'its container was restarted'
          : 'its container was started by hand and its agent does not answer',
      });
    });
    if (!ours) return;
  }
  if (boot) await startApp(deps, row);
  write(deps, row, state);
  if (answer !== 'silent') keepRoute(deps, row.id);
}

/** Answers whether the row is as it was read, and what it has to be. */
function write(
  deps: ReconcileDeps,
  row: SandboxRecord,
  mend: StateMend | undefined,
): boolean {
  if (mend === undefined) return true;
  const { store, now } = deps;
  const { event, kind, reason } = mend;
  return ifUnchanged(deps, row.id, row, () => {
    store.sandboxes.transition(row.id, event, {
      actor: RECONCILER,
      reason,
      now: now(),
      ...(event === 'fail' && { error: toFailure(new Error(reason)) }),
    });
    store.findings.count(kind);
    store.audit.append({
      at_ms: now(),
      actor: RECONCILER,
      action: `finding.${kind}`,
      target_kind: 'sandbox',
      target_id: row.id,
      outcome: 'succeeded',
      detail: { did: event },
    });
  });
}

/** Runs `work` in the transaction that sees the row as it was read and nobody else at it; answers whether it did. */
function ifUnchanged(
  deps: ReconcileDeps,
  id: SandboxId,
  row: SandboxRecord | undefined,
  work: () => void,
): boolean {
  return deps.store.transaction(() => {
    if (living(deps, id)?.version !== row?.version) return false;
    if (isInOtherHands(deps, id)) return false;
    work();
    return true;
  });
}

/** The row of a sandbox that is not a tombstone. */
export function living(
  { store }: Pick<ReconcileDeps, 'store'>,
  id: SandboxId,
): SandboxRecord | undefined {
  const row = store.sandboxes.get(id);
  return row?.state === 'deleted' ? undefined : row;
}
