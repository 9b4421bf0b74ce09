import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMissing } from './is-missing.ts';

/**
 * Has a file hold a text, in one step by way of `draft`. One that holds it already is left alone: whoever watches it hears nothing.
 * Synchronous, since most of the time that it takes would be on the way to other threads and back. Throws what the disk does.
 */
export function putFile(file: string, draft: string, text: string): void {
  if (holdsText(file, text)) return;
  for (const path of [file, draft])
    mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/** Whether {@link putFile} has nothing to do. Throws what the disk does. */
export function holdsText(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
