/** Of a log, so much is kept. Characters. */
const KEPT = 100_000;
// Colours and movements of a terminal, which a page does not have, and other control characters.
const CONTROLS =
  /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]/g;

/** The end of what a program wrote, without what is meant for a terminal; begins with a whole line. */
export function plainEnd(text: string): string {
  const plain = text.replace(CONTROLS, '');
  if (plain.length <= KEPT) return plain;
  const end = plain.slice(-KEPT);
  return end.slice(end.indexOf('\n') + 1);
}
