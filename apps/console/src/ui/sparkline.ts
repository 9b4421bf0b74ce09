/**
 * A line through values from the left edge to the right one, as the points of an SVG polyline; `most` is at the top. One value is a
 * level line.
 */
export function sparkline(
  values: readonly number[],
  most: number,
  size: { readonly width: number; readonly height: number },
): string {
  const all = values.length === 1 ? [...values, ...values] : values;
  const step = size.width / Math.max(all.length - 1, 1);
  return all
    .map((value, index) => {
      const part = Math.min(Math.max(value / most, 0), 1);
      const y = size.height - 1 - part * (size.height - 2);
      return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** What is at the top of a line: somewhat above the values, but never so little of the limit that noise looks like use. */
export function topOf(values: readonly number[], limit: number): number {
  return Math.max(limit / 10, 1.2 * Math.max(0, ...values));
}
