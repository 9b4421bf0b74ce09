import type { SandboxId } from './ids.ts';
import { parseSandboxId } from './ids.ts';
import { previewHost } from './preview.ts';
import type { SandboxRecord } from './sandbox.ts';

/** Above the catch-all of traefik/dynamic/wake.yaml, and below a closed gate. */
const PREVIEW_PRIORITY = 100;
const GUARD_PRIORITY = 500;
/** Above `gate-open` of traefik/dynamic/wake.yaml as well: a shut gate is not taken for an open one. */
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

/** What a sandbox's routes are made of. */
export type Routed = Pick<SandboxRecord, 'id' | 'ports' | 'visibility'>;

const serviceName = (id: SandboxId, port: number): string =>
  `s-${id.toLowerCase()}-${String(port)}`;

/**
 * Traefik's file for a sandbox that runs: each port's preview host leads to its address, past the guard where it is private. Not by
 * labels, for which Traefik asks the Engine of every container whenever one starts or ends.
 */
export function previewRoutes(
  { id, ports, visibility }: Routed,
  address: string,
  edge: EdgeSettings,
): object {
  const middlewares = visibility === 'private' ? [GUARD, RETRY] : [RETRY];
  const routers = ports.map((port): [string, object] => [
    serviceName(id, port),
    {
      entryPoints: [edge.entrypoint],
      rule: `Host(\`${previewHost(id, port, edge.previewDomain)}\`)`,
      priority: PREVIEW_PRIORITY,
      middlewares,
      service: serviceName(id, port),
      ...(edge.tls && { tls: {} }),
    },
  ]);
  const services = ports.map((port): [string, object] => [
    serviceName(id, port),
    { loadBalancer: { servers: [{ url: `http://${address}:${port}` }] } },
  ]);
  return {
    http: {
      routers: Object.fromEntries(routers),
      services: Object.fromEntries(services),
    },
  };
}

/** Traefik's file for a closed gate: whoever asks for this preview gets the wake listener, wherever its route leads. */
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
 * Traefik's file for a guard: a sandbox that was made private while it was up. It leads to the same address past the guard, and takes
 * precedence over its routes, which are a worker's to write. The `mark` is of one change, and tells the api this guard from an
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
          service: serviceName(id, port),
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
 * the mark of its file, Traefik (of a gate) or an app neither. A request that carries it wakes nobody.
 */
export const GATE_HEADER = 'x-sandboxed-gate';

/**
 * Marks a request that the wake listener sends back through the edge, with a secret of the api's process. It passes a closed gate, as
 * whoever makes one up does: then to an app that may not listen. The edge takes it out before an app.
 */
export const WAKE_HEADER = 'x-sandboxed-wake';

/** Where {@link previewRoutes} lie while the sandbox is up. Traefik watches the directory. */
export function routeFile(dataDir: string, id: SandboxId): string {
  return `${dataDir}/edge/route-${id.toLowerCase()}.yaml`;
}

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
 * Where `writer` writes such a file before it is moved to its place: beside the directory that Traefik watches, since after each
 * change in that it sits on the next for a while. The api and a worker may be at the same gate at once.
 */
export function edgeDraft(file: string, writer: 'api' | 'worker'): string {
  return file.replace(/\/edge\/([^/]+)$/, `/edge-drafts/$1.${writer}.new`);
}

const FILE_NAME =
  /^(?:route-([0-9a-z]{26})|(gate|guard)-([0-9a-z]{26})-([1-9]\d{0,4}))\.yaml((?:\.api|\.worker)?\.new)?$/;

/** What a file of a sandbox in Traefik's directory is. */
export type EdgeFile = {
  readonly kind: 'route' | 'gate' | 'guard';
  readonly id: SandboxId;
  /** Undefined of a route, which is for all ports. */
  readonly port: number | undefined;
  readonly draft: boolean;
};

/** Reads the name of a {@link routeFile}, {@link gateFile} or {@link guardFile}, or of its {@link edgeDraft}; undefined for any other file. */
export function parseEdgeFile(name: string): EdgeFile | undefined {
  const [, routed, kind, gated = '', port, draft] = FILE_NAME.exec(name) ?? [];
  const id = parseSandboxId(routed ?? gated);
  return id === undefined
    ? undefined
    : {
        kind: kind === 'gate' || kind === 'guard' ? kind : 'route',
        id,
        port: port === undefined ? undefined : Number(port),
        draft: draft !== undefined,
      };
}
