import { containerName } from './container-spec.ts';
import type { FindingKind } from './finding.ts';
import type { SandboxId } from './ids.ts';
import type { SandboxEvent, SandboxRecord, SandboxState } from './sandbox.ts';

/** A container that carries a sandbox's labels, as the Engine shows it. */
export interface SeenContainer {
  readonly dockerId: string;
  readonly name: string;
  readonly generation: number;
  /** Hash of what it was made from; undefined for one that sandboxed did not make. */
  readonly specHash: string | undefined;
  readonly running: boolean;
  readonly paused: boolean;
  /** Undefined where the Engine was not asked for it: the reason for a state then says less. */
  readonly exitCode: number | undefined;
  readonly oomKilled: boolean;
}

/** A row as far as its container goes; a tombstone is passed as none. */
export type SeenRow = Pick<SandboxRecord, 'id' | 'state' | 'generation'>;

/** One thing to do to one container, by its Docker id: a newer container of the same name is never hit. */
export interface ContainerMend {
  readonly action: 'removed' | 'renamed' | 'unpaused';
  readonly kind: FindingKind;
  readonly dockerId: string;
  readonly message: string;
}

/** What a row has to become. */
export interface StateMend {
  readonly event: Extract<
    SandboxEvent,
    'exited' | 'fail' | 'found_running' | 'ready'
  >;
  readonly kind: FindingKind;
  readonly reason: string;
}

/** What to do about a sandbox that no lifecycle job works on, in this order. */
export interface Mends {
  readonly containers: readonly ContainerMend[];
  /** The sandbox's container runs, or will once `containers` is done: its agent is asked, and {@link judgeAgent} goes on. */
  readonly running: boolean;
  readonly state: StateMend | undefined;
}

const REMOVE = 'removed' as const;

/**
 * Compares a row with every container of its labels. `nameTaken`: a container that is not ours has the name.
 * Of several containers the one that runs is kept, then the one of the right name; the others would write into the same workspace.
 */
export function judgeContainers(
  id: SandboxId,
  row: SeenRow | undefined,
  found: readonly SeenContainer[],
  nameTaken = false,
): Mends {
  if (row === undefined)
    return {
      containers: found.map(({ dockerId, name }) => ({
        action: REMOVE,
        kind: 'container_orphan',
        dockerId,
        message: `the container ${name} belongs to no sandbox`,
      })),
      running: false,
      state: undefined,
    };
  const containers: ContainerMend[] = [];
  const own = found.filter((container) => isMade(container, row));
  for (const container of found)
    if (!isMade(container, row))
      containers.push({
        action: REMOVE,
        kind: 'container_replaced',
        dockerId: container.dockerId,
        message: `the container ${container.name} carries this sandbox's labels and was not made for it`,
      });
  const [kept, ...surplus] = own.toSorted(
    (a, b) => rank(b, id) - rank(a, id) || (a.dockerId < b.dockerId ? -1 : 1),
  );
  for (const { dockerId, name } of surplus)
    containers.push({
      action: REMOVE,
      kind: 'container_surplus',
      dockerId,
      message: `there was a second container, ${name}`,
    });
  if (kept !== undefined && kept.name !== containerName(id))
    containers.push({
      action: 'renamed',
      kind: 'container_renamed',
      dockerId: kept.dockerId,
      message: `its container was renamed to ${kept.name}`,
    });
  if (kept?.running === true) {
    if (kept.paused)
      containers.push({
        action: 'unpaused',
        kind: 'container_paused',
        dockerId: kept.dockerId,
        message: 'its container was paused',
      });
    return { containers, running: true, state: undefined };
  }
  const replaced = nameTaken || own.length < found.length;
  return { containers, running: false, state: judgeDown(row, kept, replaced) };
}

/** No container of the sandbox runs. */
function judgeDown(
  { state }: SeenRow,
  container: SeenContainer | undefined,
  replaced: boolean,
): StateMend | undefined {
  const { kind, reason } = howItEnded(container, replaced);
  switch (state) {
    case 'running':
      return { event: 'exited', kind, reason };
    case 'starting':
    case 'stopping':
      return { event: 'exited', kind: 'state_stuck', reason };
    case 'creating':
    case 'deleting':
      return { event: 'fail', kind: 'state_stuck', reason };
    case 'stopped':
    case 'error':
    case 'deleted':
      return undefined;
  }
}

/** What the agent in a running container says: whether it was told its services, or nothing within its time. */
export type AgentAnswer = 'booted' | 'fresh' | 'silent';

/** A sandbox whose container runs: `boot` hands the agent what to serve, before the row changes. */
export function judgeAgent(
  state: SandboxState,
  agent: AgentAnswer,
): {
  readonly boot: boolean;
  readonly state: StateMend | undefined;
  readonly report: FindingKind | undefined;
} {
  const boot = agent === 'fresh' && state !== 'deleting';
  const silent = agent === 'silent';
  const mend = (
    event: StateMend['event'],
    kind: FindingKind,
    reason: string,
  ) => ({ boot, state: { event, kind, reason }, report: undefined });
  switch (state) {
    case 'running':
      return {
        boot,
        state: undefined,
        report: boot ? 'container_restarted' : undefined,
      };
    case 'stopping':
      return mend('ready', 'state_stuck', 'its container runs');
    case 'creating':
    case 'starting':
      return silent
        ? mend('fail', 'state_stuck', 'its agent does not answer')
        : mend('ready', 'state_stuck', 'its container runs');
    case 'deleting':
      return mend('fail', 'state_stuck', 'its removal was not finished');
    case 'stopped':
    case 'error':
      // It may be on its way up: the next round asks again.
      return silent
        ? { boot, state: undefined, report: 'agent_silent' }
        : mend(
            'found_running',
            'container_started',
            'its container was started by hand',
          );
    case 'deleted':
      return { boot: false, state: undefined, report: undefined };
  }
}

/** Every container of ours carries the hash of what it was made from. That it is of an older spec is right: the next start brings the new one. */
function isMade(container: SeenContainer, row: SeenRow): boolean {
  return (
    container.generation === row.generation && container.specHash !== undefined
  );
}

function rank(container: SeenContainer, id: SandboxId): number {
  return (
    (container.running ? 2 : 0) + (container.name === containerName(id) ? 1 : 0)
  );
}

function howItEnded(
  container: SeenContainer | undefined,
  replaced: boolean,
): { readonly kind: FindingKind; readonly reason: string } {
  if (container === undefined)
    return replaced
      ? {
          kind: 'container_replaced',
          reason: 'its container was replaced by one that is not its own',
        }
      : { kind: 'container_gone', reason: 'its container is gone' };
  if (container.oomKilled)
    return { kind: 'container_oom_killed', reason: 'it ran out of memory' };
  return {
    kind: 'container_exited',
    reason:
      container.exitCode === undefined
        ? 'its container exited'
        : `its container exited with code ${container.exitCode}`,
  };
}
