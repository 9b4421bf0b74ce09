import type { Sink } from './output.ts';

/** The size of a terminal in characters; 80 by 24 of one that nobody told its size, which says 0 or nothing. */
export function terminalSize({ columns = 0, rows = 0 }: Sink): {
  readonly cols: number;
  readonly rows: number;
} {
  return { cols: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
