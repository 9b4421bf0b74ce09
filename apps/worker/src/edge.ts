import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeSettings, SandboxId, SandboxRecord } from '@sandboxed/domain';
import { gateFile, gateRoute } from '@sandboxed/domain';

/** Traefik reads a changed file within about 130 ms (measured); a busy host takes longer. */
const SETTLE_MS = 1_500;
/** What a stop that somebody waits for leaves Traefik to read it: whoever asks next is to find the gate shut. */
const READ_MS = 500;
/** By then Traefik knows of the dead container and its catch-all does the same as a closed gate. */
const FORGET_MS = 3_000;

/**
 * The gates of previews. Traefik routes to a container from its first moment until some time after its last, whether its
 * app listens or not, and answers "bad gateway" meanwhile. A closed gate leads to the wake listener instead, which opens it
 * when the app answers.
 */
export interface Edge {
  /** Closes the gates of a sandbox; with `settle` it resolves when Traefik has seen it. */
  shut(sandbox: SandboxRecord, settle: boolean): Promise<void>;
  /** Resolves when Traefik, unless the host is very busy, has read what {@link Edge.shut} has just written. */
  read(): Promise<void>;
  /** Opens them a moment later if the sandbox is still down then, without being waited for. */
  openLater(sandbox: SandboxRecord): void;
  /** Opens them now. Also right when they are open. */
  open(sandbox: SandboxRecord): Promise<void>;
  close(): void;
}

/** `isDown` tells whether a sandbox still has no container that runs. */
export function createEdge(options: {
  readonly dataDir: string;
  readonly settings: EdgeSettings;
  readonly isDown: (id: SandboxId) => boolean;
  readonly onError: (error: unknown) => void;
}): Edge {
  const { dataDir, settings } = options;
  const timers = new Set<NodeJS.Timeout>();

  async function open({ id, ports }: SandboxRecord): Promise<void> {
    for (const port of ports)
      await rm(gateFile(dataDir, id, port), { force: true });
  }

  return {
    open,
    async shut({ id, ports }, settle) {
      for (const port of ports) {
        const file = gateFile(dataDir, id, port);
        await mkdir(dirname(file), { recursive: true });
        // Traefik reads no file without a known ending, so it never sees half of one.
        const draft = `${file}.new`;
        await writeFile(draft, JSON.stringify(gateRoute(id, port, settings)));
        await rename(draft, file);
      }
      if (settle && ports.length > 0) await pause(SETTLE_MS);
    },
    read: () => pause(READ_MS),
    openLater(sandbox) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (options.isDown(sandbox.id)) open(sandbox).catch(options.onError);
      }, FORGET_MS);
      timers.add(timer);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
