import { z } from 'zod';
import { EVENTS } from '@sandboxed/domain';
import type { SandboxRow, Snapshot } from './snapshot.ts';

/** Rows, containers, directories and gates: each says the same of a sandbox, and nothing is left of one that is gone. */
export function sandboxViolations(snapshot: Snapshot): string[] {
  const found: string[] = [];
  for (const row of snapshot.sandboxes.values())
    found.push(
      ...[
        ...stateViolations(row, snapshot),
        ...containerViolations(row, snapshot),
        ...diskViolations(row, snapshot),
      ].map((what) => `sandbox ${row.id} (${row.state}): ${what}`),
    );
  return [...found, ...memberViolations(snapshot), ...orphans(snapshot)];
}

/** Nobody is at work on it, so it rests; its log of states is one chain that ends in its state. */
function stateViolations(row: SandboxRow, { statesOf }: Snapshot): string[] {
  const found: string[] = [];
  if (!['running', 'stopped', 'error', 'deleted'].includes(row.state))
    found.push('is stuck in a passing state');
  if (row.reserved_mb !== 0) found.push(`holds ${row.reserved_mb} MiB back`);
  const log = (statesOf.get(row.id) ?? []).map(({ seq, data }) => ({
    ...EVENTS.state.parse(data),
    seq,
  }));
  for (const [index, { seq, from }] of log.entries()) {
    const before = log[index - 1]?.to;
    if (before !== undefined && from !== before)
      found.push(
        `event ${seq} begins in ${String(from)}, the one before ended in ${before}`,
      );
  }
  const last = log.at(-1)?.to;
  if (last !== undefined && last !== row.state)
    found.push(`its log of states ends in ${last}`);
  return found;
}

function containerViolations(
  row: SandboxRow,
  { containers }: Snapshot,
): string[] {
  const own = containers.filter(({ id }) => id === row.id);
  if (own.length > 1) return [`has ${own.length} containers`];
  const state = own[0]?.state;
  switch (row.state) {
    case 'running':
      return state === 'running' ? [] : [`its container is ${state ?? 'gone'}`];
    case 'deleted':
      return state === undefined ? [] : [`has a container (${state})`];
    default:
      return state === 'running' || state === 'paused'
        ? [`its container is ${state}`]
        : [];
  }
}

function diskViolations(row: SandboxRow, snapshot: Snapshot): string[] {
  const hasWorkspace = snapshot.workspaces.includes(row.id);
  const hasRunDir = snapshot.runDirs.includes(row.id);
  const gates = snapshot.gates.filter((name) =>
    name.startsWith(`gate-${row.id.toLowerCase()}-`),
  );
  const ports = z.array(z.number()).parse(JSON.parse(row.ports)).length;
  const isRouted = snapshot.routes.includes(
    `route-${row.id.toLowerCase()}.yaml`,
  );
  const found: string[] = [];
  if (row.state === 'running' && ports > 0 && !isRouted)
    found.push('no preview leads to it');
  if (row.state === 'deleted' && isRouted) found.push('is left with a route');
  if (row.state === 'stopped' && isRouted && gates.length < ports)
    found.push('its previews lead to a container that is down');
  if (row.has_workspace === 0 && hasWorkspace)
    found.push('a workspace is on disk, its row says there is none');
  if (row.state === 'running' && !hasWorkspace)
    found.push('its workspace is not on disk');
  if (row.state === 'running' && !hasRunDir)
    found.push('its agent has no directory');
  if (row.state === 'deleted' && hasRunDir)
    found.push("its agent's directory is left");
  if (row.state === 'deleted' && gates.length > 0)
    found.push(`is left with ${gates.join(', ')}`);
  return found;
}

/** Nobody is at work on the warm pool, so its members are ready, run, and are no sandboxes. */
function memberViolations(snapshot: Snapshot): string[] {
  return [...snapshot.members.values()].flatMap(({ id, state }) => {
    const own = snapshot.containers.filter((each) => each.id === id);
    const states = own.map((container) => container.state).join();
    const found: string[] = [];
    if (snapshot.sandboxes.has(id)) found.push('is a sandbox, too');
    if (state !== 'ready') found.push('is stuck in a passing state');
    else if (states !== 'running')
      found.push(`its containers are ${states === '' ? 'gone' : states}`);
    return found.map((what) => `member ${id} (${state}): ${what}`);
  });
}

function orphans(snapshot: Snapshot): string[] {
  const { sandboxes, members, jobs } = snapshot;
  const has = (id: string): boolean => sandboxes.has(id) || members.has(id);
  return [
    ...snapshot.containers
      .filter(({ id }) => !has(id))
      .map(({ name }) => `container ${name} belongs to no sandbox`),
    ...snapshot.workspaces
      .filter((id) => !has(id))
      .map((id) => `workspace ${id} belongs to no sandbox`),
    ...snapshot.runDirs
      .filter((id) => !has(id))
      .map((id) => `agent directory ${id} belongs to no sandbox`),
    ...[...snapshot.gates, ...snapshot.routes]
      .filter((name) => !has((name.split(/[-.]/)[1] ?? '').toUpperCase()))
      .map((name) => `${name} belongs to no sandbox`),
    ...snapshot.trash
      .filter((name) => {
        const status = jobs.get(name.split('-').at(-1) ?? '')?.status;
        return status !== 'queued' && status !== 'running';
      })
      .map((name) => `${name} is left in the trash`),
  ];
}
