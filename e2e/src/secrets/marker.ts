import { randomBytes } from 'node:crypto';

/** A secret that a test plants, and how it may look where it has leaked. */
export interface Marker {
  readonly name: string;
  /** The secret itself. */
  readonly text: string;
  readonly forms: readonly Form[];
}

interface Form {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A secret that nothing else can look like. Letters and digits alone: no quoting and no URL encoding changes it. */
export function marker(name: string): Marker {
  const text = `Q${randomBytes(16).toString('hex').toUpperCase()}`;
  return { name, text, forms: formsOf(Buffer.from(text)) };
}

/** Bytes that must not be found, such as a key. */
export function markerOf(name: string, bytes: Buffer): Marker {
  return { name, text: bytes.toString('hex'), forms: formsOf(bytes) };
}

/** What is found of the markers in some bytes, each as `<marker> (<form>)`. */
export function search(
  markers: readonly Marker[],
  bytes: Buffer,
): readonly string[] {
  return markers.flatMap(({ name, forms }) =>
    forms
      .filter((form) => bytes.includes(form.bytes))
      .map((form) => `${name} (${form.name})`),
  );
}

function formsOf(secret: Buffer): readonly Form[] {
  const hex = secret.toString('hex');
  return [
    { name: 'plain', bytes: secret },
    // What quotes a part, as parsers do in their errors, is a leak as well.
    { name: 'beginning', bytes: secret.subarray(0, 10) },
    { name: 'hex', bytes: Buffer.from(hex) },
    { name: 'HEX', bytes: Buffer.from(hex.toUpperCase()) },
    {
      name: 'UTF-16',
      bytes: Buffer.from(secret.toString('latin1'), 'utf16le'),
    },
    ...[0, 1, 2].flatMap((shift) => base64At(secret, shift)),
  ];
}

/** As it looks inside a longer text that was encoded: only the characters that are of the secret alone. */
function base64At(secret: Buffer, shift: number): readonly Form[] {
  const whole = secret.subarray(
    0,
    secret.length - ((secret.length + shift) % 3),
  );
  const shifted = Buffer.concat([Buffer.alloc(shift), whole]);
  const skipped = Math.ceil((shift * 8) / 6);
  return (['base64', 'base64url'] as const).map((encoding) => ({
    name: encoding,
    bytes: Buffer.from(shifted.toString(encoding).slice(skipped)),
  }));
}
