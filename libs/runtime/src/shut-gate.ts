import { readFileSync } from 'node:fs';
import type { EdgeSettings, SandboxId } from '@sandboxed/domain';
import { gateFile, gateRoute } from '@sandboxed/domain';
import { isMissing } from './is-missing.ts';
import { writeEdgeFile } from './write-edge-file.ts';

/**
 * Shuts the gate of a preview: from when Traefik has read that, the wake listener is asked in place of the app. Throws what the disk
 * does.
 */
export function shutGate(
  dataDir: string,
  id: SandboxId,
  port: number,
  settings: EdgeSettings,
): void {
  const file = gateFile(dataDir, id, port);
  const route = JSON.stringify(gateRoute(id, port, settings));
  // One that nobody came to since it was shut: Traefik would sit on the gates that are shut next.
  if (readIfThere(file) !== route) writeEdgeFile(file, route);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
