const MIB = 1_048_576;

/** MiB for people: `312 MiB`, `1.5 GiB`. */
export function sizeOfMb(mb: number): string {
  if (mb < 1_024) return `${Math.round(mb)} MiB`;
  return `${(mb / 1_024).toFixed(mb < 102_400 ? 1 : 0)} GiB`;
}

/** Bytes in MiB. */
export function toMb(bytes: number): number {
  return bytes / MIB;
}
