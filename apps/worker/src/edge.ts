import { existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { EdgeSettings, Routed, SandboxId } from '@sandboxed/domain';
import {
  edgeDraft,
  gateFile,
  gateRoute,
  previewHost,
  previewRoutes,
  routeFile,
} from '@sandboxed/domain';
import { holdsText, keepToEdge, putFile } from '@sandboxed/runtime';
import { isGateShut } from './is-gate-shut.ts';

/** Traefik reads a changed file within about 5 ms, and within about 10 one that follows it. On a host so busy that this is not enough, a stop goes on. */
const READ_MS = 5_000;
/** Between two questions. */
const ASK_MS = 2;
/** A stop is answered before Traefik has work with what it leaves; a sandbox that is started again by then keeps its routes. */
const FORGET_MS = 3_000;
/** Between two of these files. Traefik reads all files when it hears that one is gone, and logs an error for each that goes meanwhile. */
const APART_MS = 100;

type Previewed = Pick<Routed, 'id'> & { readonly ports: readonly number[] };

/**
 * The routes of previews and their gates. A sandbox has routes from just before its container starts until it is down, whether its app
 * listens or not; Traefik would answer "bad gateway" meanwhile. A closed gate leads to the wake listener instead, which opens it when
 * the app answers. With neither, Traefik's catch-all leads there.
 */
export interface Edge {
  /** Leads the previews of a sandbox to this address. Nothing is written where that is so already. Throws what the disk does. */
  route(sandbox: Routed, address: string): void;
  /** Whether {@link Edge.route} has nothing to do. */
  isRouted(sandbox: Routed, address: string): boolean;
  /** Leads nobody to a sandbox any more. Also right when nobody is. */
  unroute(id: SandboxId): void;
  /** Closes the gates of a sandbox. Throws what the disk does. */
  shut(sandbox: Previewed): void;
  /** Resolves when Traefik sends nobody to the sandbox any more, at the latest after 5 s. For one whose gates are shut, if it has routes. */
  read(sandbox: Previewed): Promise<void>;
  /** Takes routes and gates away a moment later if the sandbox is still down then, without being waited for. */
  clearLater(sandbox: Previewed): void;
  /** Takes routes and gates away now. Also right when there are none. */
  clear(sandbox: Previewed): void;
  close(): void;
}

/** `url` is the edge as this process reaches it; `ifDown` does something if a sandbox still has no container that runs, and while none can start. */
export function createEdge(options: {
  readonly dataDir: string;
  readonly url: URL;
  readonly settings: EdgeSettings;
  readonly ifDown: (id: SandboxId, work: () => void) => void;
  readonly onError: (error: unknown) => void;
}): Edge {
  const { dataDir, url, settings } = options;
  const timers = new Set<NodeJS.Timeout>();
  const kept = keepToEdge(url);

  const routesOf = (sandbox: Routed, address: string): string =>
    JSON.stringify(previewRoutes(sandbox, address, settings));

  function unroute(id: SandboxId): void {
    rmSync(routeFile(dataDir, id), { force: true });
  }

  function ungate(id: SandboxId, port: number): void {
    rmSync(gateFile(dataDir, id, port), { force: true });
  }

  function laterIfDown(id: SandboxId, ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      try {
        options.ifDown(id, work);
      } catch (error) {
        options.onError(error);
      }
    }, ms);
    timers.add(timer);
  }

  return {
    route(sandbox, address) {
      if (sandbox.ports.length === 0) return;
      const file = routeFile(dataDir, sandbox.id);
      putFile(file, edgeDraft(file, 'worker'), routesOf(sandbox, address));
    },
    isRouted: (sandbox, address) =>
      sandbox.ports.length === 0 ||
      holdsText(routeFile(dataDir, sandbox.id), routesOf(sandbox, address)),
    unroute,
    clear({ id, ports }) {
      // First: no open gate may lead to a container that is gone.
      unroute(id);
      for (const port of ports) ungate(id, port);
    },
    shut({ id, ports }) {
      for (const port of ports) {
        const file = gateFile(dataDir, id, port);
        // One that nobody came to since it was shut is left alone: Traefik would sit on the gates that are shut next.
        const route = JSON.stringify(gateRoute(id, port, settings));
        putFile(file, edgeDraft(file, 'worker'), route);
      }
    },
    async read({ id, ports }) {
      // Nobody is sent there: a removal of one that sleeps has nothing to wait for.
      if (!existsSync(routeFile(dataDir, id))) return;
      const deadline = performance.now() + READ_MS;
      // Of each: a gate that was shut all along, since nobody asked for its port, says nothing of the others.
      for (const port of ports) {
        const host = previewHost(id, port, settings.previewDomain);
        while (!(await isGateShut(url, host, kept))) {
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
    clearLater({ id, ports }) {
      laterIfDown(id, FORGET_MS, () => {
        unroute(id);
      });
      for (const [index, port] of ports.entries())
        laterIfDown(id, FORGET_MS + (index + 1) * APART_MS, () => {
          ungate(id, port);
        });
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      kept.destroy();
    },
  };
}
