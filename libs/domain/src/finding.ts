import { z } from 'zod';
import type { SandboxId } from './ids.ts';

/** What reconciling can find, by where it looks. */
export const CONTAINER_FINDINGS = [
  'container_exited',
  'container_oom_killed',
  'container_gone',
  'container_paused',
  'container_started',
  'container_restarted',
  'container_renamed',
  'container_replaced',
  'container_surplus',
  'container_orphan',
  'agent_silent',
  'state_stuck',
] as const;
export const LEFTOVER_FINDINGS = [
  'run_dir_orphan',
  'workspace_orphan',
  'workspace_missing',
  'gate_orphan',
  'gate_draft',
  'trash_left',
  'agent_dir_unused',
] as const;
export const WORKER_FINDINGS = [
  'worker_dead',
  'lease_of_silent_worker',
  'lease_expired',
] as const;
export const FINDING_KINDS = [
  ...CONTAINER_FINDINGS,
  ...LEFTOVER_FINDINGS,
  ...WORKER_FINDINGS,
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What is done about a finding; `reported` is all there is to do when nothing can be mended from here. */
export const FINDING_ACTIONS = [
  'removed',
  'renamed',
  'unpaused',
  'booted',
  'corrected',
  'reported',
] as const;

/** Who events of reconciling are by. */
export const RECONCILER = 'reconciler';

/** Data of a `finding` event: what was off, and what is done about it. A finding that changes a state is a `state` event. */
export const findingDataSchema = z.object({
  kind: z.enum(FINDING_KINDS),
  message: z.string(),
  action: z.enum(FINDING_ACTIONS),
  actor: z.string(),
});

/** Something that is not as SQLite says. Seen again unchanged, it is not told again. */
export interface Finding {
  readonly kind: FindingKind;
  /** What it was found on: the id of a sandbox, job or worker, or a path in the data directory. */
  readonly subject: string;
  /** What makes it another finding of the same kind on the same subject, such as a Docker id. */
  readonly detail: string;
  /** In whose log it is told; without one it is counted and goes to the process's log alone. */
  readonly sandboxId: SandboxId | undefined;
  readonly message: string;
  readonly action: (typeof FINDING_ACTIONS)[number];
}
