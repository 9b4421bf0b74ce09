import type { Client } from './client.ts';
import type { Figures } from './pairs.ts';
import type { Process } from './processes.ts';
import type { Raw } from './raw.ts';
import type { Row } from './result.ts';

/** How much is measured. */
export interface Extent {
  /** Rounds of what takes milliseconds, and of what starts or stops containers. */
  readonly quick: number;
  readonly starts: number;
  /** Sandboxes at once. */
  readonly many: number;
  /** How long the control plane is watched doing nothing, and how long a load lasts. */
  readonly idleSeconds: number;
  readonly loadSeconds: number;
}

/** What a case works with. */
export interface Bench {
  readonly client: Client;
  readonly raw: Raw;
  readonly extent: Extent;
  readonly hasWarmPool: boolean;
  /** Processes of the control plane. */
  readonly processes: () => Promise<readonly Process[]>;
  /** A sandbox that is purged at the end of the run, whatever happens. */
  readonly create: () => Promise<string>;
}

/** Figures of a path, or why there are none. */
type Measured = Partial<Figures> &
  Pick<Row, 'skipped' | 'note' | 'perSecond' | 'amount'> & {
    readonly path?: string;
  };

/** One path. It cleans up after itself. */
export interface Case {
  readonly name: string;
  readonly path: string;
  readonly bound: Row['bound'];
  /** Belongs to the short form. */
  readonly short: boolean;
  readonly run: (bench: Bench) => Promise<Measured>;
}
