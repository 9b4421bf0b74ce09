import type { JobKind } from './job.ts';

/** `claim`: until the handler begins; `finish`: until the end is written, before its commit. */
const first = 'claim';
const last = 'finish';

const START = [
  first,
  'memory',
  'directories',
  'network',
  'address',
  'container',
  'firewall',
  'start',
  'agent',
  'app',
  last,
] as const;

/** The steps of each kind of job, in their order; one that has nothing to do is left out. Names of metrics: few, and none a tenant's. */
export const JOB_PHASES = {
  create: START,
  start: START,
  stop: [first, 'decide', 'gate', 'edge', 'container', last],
  delete: [
    ...[first, 'decide', 'gate', 'edge', 'container'],
    ...['directories', 'removed', last],
  ],
  purge: [
    ...[first, 'decide', 'gate', 'edge', 'container'],
    ...['directories', 'workspace', 'removed', last],
  ],
  exec: [first, 'spawn', 'run', last],
  limits: [first, 'container', last],
  service: [first, 'app', 'restart', last],
  task: [
    ...[first, 'checkpoint', 'program', 'changes', 'build'],
    ...['app', 'preview', 'session', last],
  ],
  revert: [first, 'files', 'app', last],
} as const satisfies Record<JobKind, readonly string[]>;

/** A step of a kind of job. */
export type JobPhase<K extends JobKind> = (typeof JOB_PHASES)[K][number];
