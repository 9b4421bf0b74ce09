import type { SandboxRecord } from '@sandboxed/domain';
import { edgeDraft, gateFile, gateRoute } from '@sandboxed/domain';
import { putFile } from '@sandboxed/runtime';
import type { ApiDeps } from '../http/route.ts';
import { edgeSettings } from './edge-settings.ts';

/**
 * Shuts the gates of a sandbox whose stop is on its way, so that the edge reads them meanwhile: from then its visitors are treated as
 * those of one that sleeps. Its worker shuts and waits for them in any case; a stop that comes to nothing leaves gates that the next
 * visitor's request opens.
 */
export function shutAhead(
  { config, logger }: Pick<ApiDeps, 'config' | 'logger'>,
  { id, ports }: SandboxRecord,
): void {
  try {
    for (const port of ports) {
      const file = gateFile(config.SANDBOXED_DATA_DIR, id, port);
      const route = JSON.stringify(gateRoute(id, port, edgeSettings(config)));
      putFile(file, edgeDraft(file, 'api'), route);
    }
  } catch (error) {
    logger.warn({ err: error, sandboxId: id }, 'gates not shut ahead');
  }
}
