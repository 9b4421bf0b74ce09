/** A log that goes on behind text that is lost, with a line of its own that says so; `bytes` where it is known how many. */
export function withGap(log: string, bytes: number | undefined): string {
  const lost =
    bytes === undefined
      ? 'Some of the log is gone'
      : bytes === 1
        ? '1 byte is gone'
        : `${bytes.toLocaleString('en')} bytes are gone`;
  const isWithin = log !== '' && !log.endsWith('\n');
  return `${log}${isWithin ? '\n' : ''}… ${lost}: no longer kept …\n`;
}
