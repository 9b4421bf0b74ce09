/** How many bytes at the end of a text in UTF-8 begin a letter that is not complete; the last 3 are enough to know. */
export function unfinishedBytes(text: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, text.length); count += 1) {
    const byte = text[text.length - count] ?? 0;
    // A byte in the midst of a letter.
    if (byte >> 6 === 0b10) continue;
    return count < lengthOf(byte) ? count : 0;
  }
  return 0;
}

/** Of the letter that begins with this byte. */
function lengthOf(byte: number): number {
  if (byte >> 5 === 0b110) return 2;
  if (byte >> 4 === 0b1110) return 3;
  return byte >> 3 === 0b11110 ? 4 : 1;
}
