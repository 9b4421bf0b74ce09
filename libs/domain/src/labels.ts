import type { SandboxId } from './ids.ts';
import { previewHost } from './preview.ts';

/** On every container of ours; uninstall removes by it and Traefik looks at nothing else. */
export const LABEL_MANAGED = 'sandboxed.managed';
/** Which installation the container belongs to: reconcile touches only its own. */
export const LABEL_INSTANCE = 'sandboxed.instance';
export const LABEL_ID = 'sandboxed.id';
export const LABEL_GENERATION = 'sandboxed.generation';

/** Above the catch-all of traefik/dynamic/wake.yaml, and below a drain. */
const PREVIEW_PRIORITY = 100;
const DRAIN_PRIORITY = 1_000;

/** How Traefik is to serve previews. */
export interface EdgeSettings {
  readonly previewDomain: string;
  readonly entrypoint: string;
  readonly tls: boolean;
}

/** Labels that make Traefik route each port's preview host to the container while it runs. */
export function traefikLabels(
  id: SandboxId,
  ports: readonly number[],
  edge: EdgeSettings,
): Record<string, string> {
  const labels: Record<string, string> = {};
  if (ports.length === 0) return labels;
  labels['traefik.enable'] = 'true';
  for (const port of ports) {
    const key = `s-${id.toLowerCase()}-${String(port)}`;
    const router = `traefik.http.routers.${key}`;
    labels[`${router}.rule`] =
      `Host(\`${previewHost(id, port, edge.previewDomain)}\`)`;
    labels[`${router}.entrypoints`] = edge.entrypoint;
    labels[`${router}.priority`] = String(PREVIEW_PRIORITY);
    labels[`${router}.service`] = key;
    if (edge.tls) labels[`${router}.tls`] = 'true';
    labels[`traefik.http.services.${key}.loadbalancer.server.port`] =
      String(port);
  }
  return labels;
}

/**
 * Traefik's file for a sandbox that stops: its previews go to the wake listener although the container's own routes are
 * still there. Undefined for a sandbox without ports.
 */
export function drainRoute(
  id: SandboxId,
  ports: readonly number[],
  edge: EdgeSettings,
): object | undefined {
  if (ports.length === 0) return undefined;
  const rule = ports
    .map((port) => `Host(\`${previewHost(id, port, edge.previewDomain)}\`)`)
    .join(' || ');
  return {
    http: {
      routers: {
        [`drain-${id.toLowerCase()}`]: {
          entryPoints: [edge.entrypoint],
          rule,
          priority: DRAIN_PRIORITY,
          service: 'wake',
          ...(edge.tls && { tls: {} }),
        },
      },
    },
  };
}
