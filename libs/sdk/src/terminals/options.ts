import type { CallOptions } from '../http/connection.ts';

/** Characters in a line, and lines: 1 to 1,000 each. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/**
 * How the connection is: its sandbox is started first, what is typed arrives, or it broke off and is taken up again, for as long as
 * the client has patience (`patienceMs`).
 */
export type TerminalStatus = 'starting' | 'connected' | 'away';

/** How a terminal that is there is looked at. */
export interface AttachOptions extends Partial<TerminalSize>, CallOptions {
  /** Offset of the first byte to show; all that is kept unless given. */
  readonly after?: number;
  /** Called at each change of the connection. */
  readonly onStatus?: (status: TerminalStatus) => void;
}

/** What a terminal is opened with; everything may be left out. 80 × 24 unless told. */
export interface TerminalOptions extends Omit<AttachOptions, 'after'> {
  /** A program and its arguments; a login shell unless given. */
  readonly cmd?: readonly string[];
  /** Where it begins, relative to the app directory or absolute; the app directory unless given. */
  readonly cwd?: string;
  /** Variables of its environment, besides the sandbox's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A new terminal, or with `terminal` one that is there. */
export interface Opening extends TerminalOptions, AttachOptions {
  readonly terminal?: string;
}

/**
 * How it ended here: its program did, with 128 + n after signal n; another connection shows it now; or `close` or `detach` was called.
 */
export type TerminalEnd =
  | { readonly reason: 'exited'; readonly exitCode: number }
  | { readonly reason: 'taken_over' | 'closed' | 'detached' };
