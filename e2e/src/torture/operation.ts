import type { Random } from './random.ts';

/** How often each operation is chosen. */
const WEIGHTS = {
  create: 6,
  exec: 16,
  exec_waited: 10,
  background: 3,
  task: 8,
  stop: 6,
  start: 4,
  wake: 12,
  put: 12,
  get: 8,
  move: 3,
  unlink: 3,
  delete: 4,
  purge: 3,
  cancel: 7,
  follow: 8,
  watch: 4,
  keepalive: 2,
  limits: 3,
  list: 3,
  service: 3,
  revert: 2,
} as const;
export type OperationKind = keyof typeof WEIGHTS;

/** One choice of a client. What it falls on depends on how far the sandbox of that slot is. */
export interface Operation {
  readonly kind: OperationKind;
  readonly client: string;
  /** Counted for each client. */
  readonly serial: number;
  readonly slot: number;
  /** For the details, each in [0, 1). */
  readonly dice: readonly [number, number, number, number];
  /** Until the next one. Milliseconds. */
  readonly pauseMs: number;
}

export const SLOTS = 12;

/** Always takes as many numbers from the stream, so that no outcome changes what comes later. */
export function nextOperation(
  random: Random,
  client: string,
  serial: number,
): Operation {
  return {
    kind: random.weighted(WEIGHTS),
    client,
    serial,
    slot: random.between(0, SLOTS - 1),
    dice: [random.next(), random.next(), random.next(), random.next()],
    pauseMs: Math.floor(random.next() ** 2 * 1_500),
  };
}
