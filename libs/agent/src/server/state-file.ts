import fs from 'node:fs';

/** Replaces a file in one step, so that a reader sees the old or the new text and never half of one. */
export function writeStateFile(path: string, value: unknown): void {
  const draft = `${path}.new`;
  fs.writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  fs.renameSync(draft, path);
}

/** The JSON in a file, or undefined when it is missing or not JSON. */
export function readStateFile(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch {
    // The tenant owns these files; what cannot be read is treated as not written.
    return undefined;
  }
}
