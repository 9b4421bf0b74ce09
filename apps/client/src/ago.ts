const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** How long ago a time (RFC 3339) was, in one unit: `3h`. */
export function ago(time: string, nowMs: number): string {
  return lasting((nowMs - Date.parse(time)) / 1_000);
}

/** A duration in seconds, in its largest whole unit. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [unit, size] = UNITS.find(([, length]) => whole >= length) ?? ['s', 1];
  return `${Math.floor(whole / size)}${unit}`;
}
