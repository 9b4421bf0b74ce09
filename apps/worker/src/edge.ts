import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeSettings, SandboxRecord } from '@sandboxed/domain';
import { containerName, drainRoute } from '@sandboxed/domain';

/** Traefik reads a changed file within about 130 ms (measured), its throttle included. */
const SETTLE_MS = 250;
/** By then Traefik knows of the dead container and its catch-all does the same. */
const FORGET_MS = 2_000;

/**
 * Leads the previews of a sandbox that is about to stop to the wake listener. Traefik learns of a dead container too late:
 * without this, whoever asks in between gets a bad gateway instead of the app.
 */
export interface Edge {
  /** Takes the sandbox's routes away; with `settle` it resolves when Traefik has seen it. */
  drain(sandbox: SandboxRecord, settle: boolean): Promise<void>;
  /** Gives them back a moment later, without being waited for. */
  restoreLater(sandbox: SandboxRecord): void;
  /** Gives them back now. Also right when there was no drain. */
  restore(sandbox: SandboxRecord): Promise<void>;
  close(): void;
}

/** `directory` is the one Traefik's file provider watches. */
export function createEdge(
  directory: string,
  settings: EdgeSettings,
  onError: (error: unknown) => void,
): Edge {
  const timers = new Set<NodeJS.Timeout>();
  const fileOf = ({ id }: SandboxRecord): string =>
    join(directory, `drain-${containerName(id)}.yaml`);
  const remove = (sandbox: SandboxRecord): Promise<void> =>
    rm(fileOf(sandbox), { force: true });

  return {
    async drain(sandbox, settle) {
      const route = drainRoute(sandbox.id, sandbox.ports, settings);
      if (route === undefined) return;
      await mkdir(directory, { recursive: true });
      // Traefik reads no file without a known ending, so it never sees half of one.
      const draft = `${fileOf(sandbox)}.new`;
      await writeFile(draft, JSON.stringify(route));
      await rename(draft, fileOf(sandbox));
      if (settle) await pause(SETTLE_MS);
    },
    restoreLater(sandbox) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        remove(sandbox).catch(onError);
      }, FORGET_MS);
      timers.add(timer);
    },
    restore: remove,
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
