import type { SandboxId } from './ids.ts';
import { parseSandboxId } from './ids.ts';
import { previewHost } from './preview.ts';
import type { SandboxRecord } from './sandbox.ts';

/** On every container of ours; uninstall removes by it and Traefik looks at nothing else. */
export const LABEL_MANAGED = 'sandboxed.managed';
/** Which installation the container belongs to: reconcile touches only its own. */
export const LABEL_INSTANCE = 'sandboxed.instance';
export const LABEL_ID = 'sandboxed.id';
export const LABEL_GENERATION = 'sandboxed.generation';
/** Hash of what the container was made from: a stopped one that was made from something else is replaced. */
export const LABEL_SPEC = 'sandboxed.spec';
/** The same without the limits: tells whether a container that nobody has used yet only lacks its sandbox's limits. */
export const LABEL_POOL = 'sandboxed.pool';
/** On a network of ours: the subnet that it was made with. Without one given the Engine takes no addresses of ours, and does not tell. */
export const LABEL_SUBNET = 'sandboxed.subnet';

/** Above the catch-all of traefik/dynamic/wake.yaml, and below a closed gate. */
const PREVIEW_PRIORITY = 100;
const GUARD_PRIORITY = 500;
const GATE_PRIORITY = 1_000;
/** Of traefik/dynamic/wake.yaml: bridges the moment in which an app is started again, and takes out what is not for apps. */
const RETRY = 'app-retry@file';
/** Of traefik/dynamic/wake.yaml: asks the api whether a request may see a private preview. Where it is missing, Traefik drops the route. */
const GUARD = 'preview-guard@file';

/** How Traefik is to serve previews. */
export interface EdgeSettings {
  readonly previewDomain: string;
  readonly entrypoint: string;
  readonly tls: boolean;
}

const serviceName = (id: SandboxId, port: number): string =>
  `s-${id.toLowerCase()}-${String(port)}`;

/** Labels that make Traefik route each port's preview host to the container while it runs, past the guard where it is private. */
export function traefikLabels(
  { id, ports, visibility }: Pick<SandboxRecord, 'id' | 'ports' | 'visibility'>,
  edge: EdgeSettings,
): Record<string, string> {
  const labels: Record<string, string> = {};
  if (ports.length === 0) return labels;
  labels['traefik.enable'] = 'true';
  for (const port of ports) {
    const key = serviceName(id, port);
    const router = `traefik.http.routers.${key}`;
    labels[`${router}.rule`] =
      `Host(\`${previewHost(id, port, edge.previewDomain)}\`)`;
    labels[`${router}.entrypoints`] = edge.entrypoint;
    labels[`${router}.priority`] = String(PREVIEW_PRIORITY);
    labels[`${router}.service`] = key;
    labels[`${router}.middlewares`] =
      visibility === 'private' ? `${GUARD},${RETRY}` : RETRY;
    if (edge.tls) labels[`${router}.tls`] = 'true';
    labels[`traefik.http.services.${key}.loadbalancer.server.port`] =
      String(port);
  }
  return labels;
}

/** Traefik's file for a closed gate: whoever asks for this preview gets the wake listener, whatever the container's labels say. */
export function gateRoute(
  id: SandboxId,
  port: number,
  edge: EdgeSettings,
): object {
  return {
    http: {
      routers: {
        [`gate-${id.toLowerCase()}-${port}`]: {
          entryPoints: [edge.entrypoint],
          // What the wake listener sends on has waited for the app already: it need not wait for Traefik to read that the gate opened.
          rule: `Host(\`${previewHost(id, port, edge.previewDomain)}\`) && !HeaderRegexp(\`${WAKE_HEADER}\`, \`.\`)`,
          priority: GATE_PRIORITY,
          // The api is away for some seconds while it is replaced.
          middlewares: ['wake-retry@file'],
          service: 'wake',
          ...(edge.tls && { tls: {} }),
        },
      },
    },
  };
}

/**
 * Traefik's file for a guard: a sandbox that was made private after its container was made. Labels cannot change, so this leads to
 * the same container past the guard and takes precedence over them. The `mark` is of one change, and tells the api this guard from an
 * earlier one that Traefik is about to forget.
 */
export function guardRoute(
  id: SandboxId,
  port: number,
  edge: EdgeSettings,
  mark: string,
): object {
  const name = `guard-${id.toLowerCase()}-${port}`;
  return {
    http: {
      routers: {
        [name]: {
          entryPoints: [edge.entrypoint],
          rule: `Host(\`${previewHost(id, port, edge.previewDomain)}\`)`,
          priority: GUARD_PRIORITY,
          middlewares: [name, GUARD, RETRY],
          service: `${serviceName(id, port)}@docker`,
          ...(edge.tls && { tls: {} }),
        },
      },
      middlewares: {
        [name]: {
          headers: {
            customRequestHeaders: { [GUARD_HEADER]: mark },
          },
        },
      },
    },
  };
}

/** Mark of the guard file that a request came past. Traefik sets it for its question to the api, and takes it out for the app. */
export const GUARD_HEADER = 'x-sandboxed-guard';

/**
 * Asked of a preview by a worker or the api: whether the edge has read a gate or a guard. The wake listener answers `shut`, a guard
 * the mark of its file, an app neither. A request that carries it wakes nobody.
 */
export const GATE_HEADER = 'x-sandboxed-gate';

/**
 * Marks a request that the wake listener sends back through the edge, with a secret of the api's process. It passes a closed gate, as
 * whoever makes one up does: then to an app that may not listen. The edge takes it out before an app.
 */
export const WAKE_HEADER = 'x-sandboxed-wake';

/** Where {@link gateRoute} lies while the gate is closed. Traefik watches the directory. */
export function gateFile(dataDir: string, id: SandboxId, port: number): string {
  return `${dataDir}/edge/gate-${id.toLowerCase()}-${port}.yaml`;
}

/** Where {@link guardRoute} lies while there is a guard. */
export function guardFile(
  dataDir: string,
  id: SandboxId,
  port: number,
): string {
  return `${dataDir}/edge/guard-${id.toLowerCase()}-${port}.yaml`;
}

/**
 * Where `writer` writes a gate or a guard before it is moved to its place: beside the directory that Traefik watches, since after each
 * change in that it sits on the next for a while. The api and a worker may be at the same gate at once.
 */
export function edgeDraft(file: string, writer: 'api' | 'worker'): string {
  return file.replace(/\/edge\/([^/]+)$/, `/edge-drafts/$1.${writer}.new`);
}

const GATE_NAME =
  /^(?:gate|guard)-([0-9a-z]{26})-([1-9]\d{0,4})\.yaml((?:\.api|\.worker)?\.new)?$/;

/** Reads the name of a {@link gateFile} or {@link guardFile}, or of its {@link edgeDraft}; undefined for any other file. */
export function parseGateFile(
  name: string,
):
  | { readonly id: SandboxId; readonly port: number; readonly draft: boolean }
  | undefined {
  const [, id = '', port, draft] = GATE_NAME.exec(name) ?? [];
  const parsed = parseSandboxId(id);
  return parsed === undefined
    ? undefined
    : { id: parsed, port: Number(port), draft: draft !== undefined };
}
