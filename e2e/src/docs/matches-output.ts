/** Whether `printed` is what a page shows of it: the same but for blanks at the ends of lines, and anything, lines included, where the page has `…`. */
export function matchesOutput(shown: string, printed: string): boolean {
  const pattern = tidy(shown)
    .split('…')
    .map((text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(tidy(printed));
}

function tidy(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '').trim();
}
