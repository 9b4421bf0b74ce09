/** Who is this close to the end follows it. Pixels. */
const CLOSE = 40;

/** Whether somebody has scrolled to the end of a box, and follows what comes. */
export function isAtEnd({
  scrollHeight,
  scrollTop,
  clientHeight,
}: Readonly<
  Pick<Element, 'scrollHeight' | 'scrollTop' | 'clientHeight'>
>): boolean {
  return scrollHeight - scrollTop - clientHeight < CLOSE;
}
