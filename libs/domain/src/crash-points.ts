/**
 * Places between two side effects at which a test ends or holds a process: what is done by then must be enough for whoever
 * goes on. Each is in one place; scripts/test-functions.sh holds that none is dead.
 */
export const CRASH_POINTS = [
  /** api: a change was asked for, and nothing is written. */
  'api.received',
  /** api: a transaction is on disk; nothing is offered, nobody is answered. */
  'api.committed',
  /** api: a file call changed the workspace and has not answered. */
  'api.file_changed',

  /** who runs it, a worker or the api: a job is ours and nothing of it is done. */
  'job.claimed',
  /** the same: a job's work is done, and its result is not written. */
  'job.handled',
  /** the same: a job failed for good and was cleared up after; that it failed is not written. */
  'job.failing',
  /** the same: a success is on record; what comes after it is not done. */
  'job.committed',
  /** worker: a transaction with events is on disk; what it made runnable is not offered. */
  'worker.committed',

  /** create, start: memory is reserved, the state is entered. */
  'start.admitted',
  /** create, start: the gates are shut. */
  'start.gated',
  /** create, start: the directories are there, too. */
  'start.prepared',
  /** create, start: the container is there and does not run. */
  'start.ensured',
  /** create, start: the container runs. */
  'start.started',
  /** create, start: its agent answers and knows nothing yet. */
  'start.agent_ready',
  /** create, start: the agent knows what to serve; the row does not say `running`. */
  'start.app_started',

  /** stop: `stopping` is on record, the container runs. */
  'stop.decided',
  /** stop: the gates are shut, the container runs. */
  'stop.gated',
  /** stop: the agent has heard of its end, the container may be down. */
  'stop.told',
  /** stop: the container stopped, the row does not say so. */
  'stop.stopped',

  /** delete, purge: `deleting` is on record, the container is there. */
  'removal.decided',
  /** delete, purge: the container is gone, its directory is there. */
  'removal.container_removed',
  /** delete, purge: the agent's directory is gone, too. */
  'removal.run_dir_removed',
  /** purge: the workspace is in the trash. */
  'purge.moved',
  /** purge: the workspace is gone, the row does not say so. */
  'purge.workspace_removed',
  /** purge: the row has no workspace, and is no tombstone yet. */
  'purge.forgotten',

  /** exec: the command is about to be handed to the agent. */
  'exec.starting',
  /** exec: the command runs, and nobody reads it. */
  'exec.started',
  /** exec: a piece of output was read. */
  'exec.output',
  /** exec: its end was read and is not written. */
  'exec.ended',

  /** task, revert: a step of it runs in the sandbox and nobody reads it. */
  'step.started',
  /** task: the checkpoint is taken, the program is not started. */
  'task.checkpointed',
  /** task: the program runs, and no event says so. */
  'task.program_started',
  /** task: a piece of the program's output was recorded. */
  'task.output',
  /** task: the program's end was read. */
  'task.program_ended',
  /** task: what it changed was read. */
  'task.changes_read',
  /** task: the build ended. */
  'task.build_checked',
  /** task: the app serves what changed. */
  'task.app_served',
  /** task: the session to continue is kept, the result is not written. */
  'task.session_kept',
  /** revert: the files are back, the app does not serve them. */
  'revert.reverted',

  /** limits: the container has them, the result is not written. */
  'limits.updated',
  /** service: the agent knows, the result is not written. */
  'service.applied',

  /** warm pool: a member is on record, nothing of it is made. */
  'pool.planned',
  /** warm pool: a member's container runs, and no create may take it yet. */
  'pool.started',
  /** warm pool: a create may take it. */
  'pool.ready',
  /** warm pool: it is on record that members go, all of them are there. */
  'pool.retired',
  /** warm pool: a member's container is gone, its directories are there. */
  'pool.container_removed',
  /** warm pool: all of a member is gone but its row. */
  'pool.removed',

  /** reaper: a transaction with events is on disk; nothing is offered. */
  'reaper.committed',
  /** reaper: the jobs to offer are known and not offered. */
  'relay.read',
  /** reaper: they are offered, the tick is not over. */
  'relay.offered',
  /** reaper: one batch of old rows is gone. */
  'trim.batch',
  /** reaper: idle stops are submitted, the tick is not over. */
  'idle.proposed',

  /** webhooks: deliveries of events are on record, none is sent. */
  'webhook.planned',
  /** webhooks: a delivery is claimed and not sent. */
  'webhook.claimed',
  /** webhooks: a receiver answered, which is not written. */
  'webhook.sent',

  /** api, wake path: the start is submitted or known, the request waits. */
  'wake.submitted',
  /** api, wake path: the app answers, its gate is shut. */
  'wake.listening',
  /** api, wake path: the gate is open, the request is not forwarded. */
  'wake.opened',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];
