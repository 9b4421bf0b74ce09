/** A line through values from the left edge to the right one, as the points of an SVG polyline; `most` is at the top. */
export function sparkline(
  values: readonly number[],
  most: number,
  size: { readonly width: number; readonly height: number },
): string {
  const step = size.width / Math.max(values.length - 1, 1);
  return values
    .map((value, index) => {
      const part = Math.min(Math.max(value / most, 0), 1);
      const y = size.height - 1 - part * (size.height - 2);
      return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
