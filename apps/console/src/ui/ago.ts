/** A span of milliseconds in its largest unit, such as `5 min ago`; clocks that differ a little are `just now`. */
export function ago(spanMs: number): string {
  const seconds = Math.floor(spanMs / 1_000);
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
