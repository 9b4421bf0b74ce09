import type { Agent } from 'node:http';
import { GATE_HEADER } from '@sandboxed/domain';
import { askEdge } from '@sandboxed/runtime';

/**
 * Whether a request for `host` that comes to the edge now does not reach the app: it ends at the wake listener, or there is no edge,
 * which reads all gates when it starts. Where the gate is open Traefik answers itself (`gate-open` of traefik/dynamic/wake.yaml).
 */
export async function isGateShut(
  edge: URL,
  host: string,
  kept?: Agent,
): Promise<boolean> {
  const said = await askEdge(edge, host, { [GATE_HEADER]: 'shut?' }, kept);
  return said === 'refused' || said?.[GATE_HEADER] === 'shut';
}
