import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { edgeDraft } from '@sandboxed/domain';

/** Gives Traefik a file in one step. Synchronous, since most of the time that it takes would be on the way to other threads and back. */
export function writeEdgeFile(file: string, text: string): void {
  const draft = edgeDraft(file);
  for (const path of [file, draft])
    mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
}
