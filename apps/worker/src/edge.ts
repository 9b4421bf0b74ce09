import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeSettings, SandboxId, SandboxRecord } from '@sandboxed/domain';
import { edgeDraft, gateFile, gateRoute, previewHost } from '@sandboxed/domain';
import { putFile } from '@sandboxed/runtime';
import { isGateShut } from './is-gate-shut.ts';

/** Traefik reads a changed file within about 5 ms, and within about 30 one that follows it. On a host so busy that this is not enough, a stop goes on. */
const READ_MS = 5_000;
/** Between two questions. */
const ASK_MS = 2;
/** By then Traefik knows of the dead container and its catch-all does the same as a closed gate. */
const FORGET_MS = 3_000;

type Previewed = Pick<SandboxRecord, 'id'> & {
  readonly ports: readonly number[];
};

/**
 * The gates of previews. Traefik routes to a container from its first moment until some time after its last, whether its
 * app listens or not, and answers "bad gateway" meanwhile. A closed gate leads to the wake listener instead, which opens it
 * when the app answers.
 */
export interface Edge {
  /** Closes the gates of a sandbox. Throws what the disk does. */
  shut(sandbox: Previewed): void;
  /** Resolves when Traefik sends nobody to the sandbox any more, at the latest after 5 s. For one whose gates are shut and whose container runs. */
  read(sandbox: Previewed): Promise<void>;
  /** Opens them a moment later if the sandbox is still down then, without being waited for. */
  openLater(sandbox: Previewed): void;
  /** Opens them now. Also right when they are open. */
  open(sandbox: Previewed): Promise<void>;
  close(): void;
}

/** `url` is the edge as this process reaches it; `isDown` tells whether a sandbox still has no container that runs. */
export function createEdge(options: {
  readonly dataDir: string;
  readonly url: URL;
  readonly settings: EdgeSettings;
  readonly isDown: (id: SandboxId) => boolean;
  readonly onError: (error: unknown) => void;
}): Edge {
  const { dataDir, url, settings } = options;
  const timers = new Set<NodeJS.Timeout>();

  async function open({ id, ports }: Previewed): Promise<void> {
    for (const port of ports)
      await rm(gateFile(dataDir, id, port), { force: true });
  }

  return {
    open,
    shut({ id, ports }) {
      for (const port of ports) {
        const file = gateFile(dataDir, id, port);
        // One that nobody came to since it was shut is left alone: Traefik would sit on the gates that are shut next.
        const route = JSON.stringify(gateRoute(id, port, settings));
        putFile(file, edgeDraft(file, 'worker'), route);
      }
    },
    async read({ id, ports }) {
      const deadline = performance.now() + READ_MS;
      // Of each: a gate that was shut all along, since nobody asked for its port, says nothing of the others.
      for (const port of ports) {
        const host = previewHost(id, port, settings.previewDomain);
        while (!(await isGateShut(url, host))) {
          if (performance.now() > deadline) {
            options.onError(
              new Error(`the edge has not read the gate of ${id}`),
            );
            return;
          }
          await pause(ASK_MS);
        }
      }
    },
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
