import type { Finding, SandboxRecord } from '@sandboxed/domain';
import { LEFTOVER_FINDINGS, parseSandboxId } from '@sandboxed/domain';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEdgeFile, RECONCILER } from '@sandboxed/domain';
import { ulid } from 'ulid';
import type { WorkerDeps } from './context.ts';
import type { Look } from './look.ts';
import { beginLook } from './look.ts';
import { isInOtherHands } from './in-other-hands.ts';
import { living } from './settle-sandbox.ts';
import { dropRoute } from './keep-route.ts';
import { ignoreMissing } from './ignore-missing.ts';
import { removeTree } from './remove-tree.ts';

/** Nobody is still at work on a draft, or makes containers with an agent, that was not touched for this long. Milliseconds. */
const DRAFT_OLD_MS = 60_000;
/** The worker that removed a container takes its gates away some seconds later by itself (`edge.ts`): a younger one is no finding. Milliseconds. */
const GATE_OLD_MS = 10_000;
const AGENT_OLD_MS = 600_000;
/** `installAgent`'s directories, and those it was building when it died. */
const AGENT_DIR = /^[0-9a-f]{16}(\.[A-Za-z0-9]{6})?$/;

type LeftoverDeps = Pick<
  WorkerDeps,
  'store' | 'docker' | 'edge' | 'workspaces' | 'host' | 'now' | 'logger'
>;

/**
 * Compares the data directory with SQLite. What belongs to a sandbox that is gone is removed, but never a tenant's files: a workspace
 * that no row knows gets a tombstone. Whatever a create could need is touched inside the transaction that sees that there is none.
 * Volumes are not looked for: sandboxed makes none, and an anonymous one of an image carries no label of ours.
 */
export async function clearLeftovers(deps: LeftoverDeps): Promise<void> {
  const kinds: ReadonlySet<string> = new Set(LEFTOVER_FINDINGS);
  const look = beginLook(
    deps,
    deps.store.findings.open().filter(({ kind }) => kinds.has(kind)),
  );
  const failures: unknown[] = [];
  for (const clear of [runDirs, workspaceDirs, gates, trash, agentDirs])
    await clear(deps, look).catch((error: unknown) => failures.push(error));
  if (failures.length > 0)
    throw new AggregateError(failures, 'some leftovers stay');
  look.end();
}

/** Agent directories (socket, output, logs) of sandboxes that are gone. */
async function runDirs(deps: LeftoverDeps, look: Look): Promise<void> {
  const { store, host } = deps;
  const names = await namesIn(join(host.dataDir, 'run'));
  const inUse = new Set((await deps.docker.list()).map((c) => c.sandboxId));
  const bin = join(host.dataDir, 'trash');
  for (const name of names ?? []) {
    const id = parseSandboxId(name);
    if (id !== name || inUse.has(id)) continue;
    const doomed = join(bin, `run-${id}-${ulid()}`);
    const mine = store.transaction(() => {
      const dir = join(host.dataDir, 'run', id);
      if (living(deps, id) !== undefined || isInOtherHands(deps, id))
        return false;
      // Another worker may have been here meanwhile.
      if (!existsSync(dir)) return false;
      look.note(
        removed('run_dir_orphan', `run/${id}`, id, 'an agent directory'),
      );
      mkdirSync(bin, { recursive: true, mode: 0o700 });
      renameSync(dir, doomed);
      return true;
    });
    if (mine) await removeTree(doomed);
  }
}

/** Workspaces that no row knows, and rows that tell of a workspace which is not there. */
async function workspaceDirs(deps: LeftoverDeps, look: Look): Promise<void> {
  const { store, host, now } = deps;
  const names = await namesIn(join(host.dataDir, 'workspaces'));
  // Not there at all: rather a disk that is not mounted than thousands of lost workspaces.
  if (names === undefined) return;
  const rows = store.workspaces.all();
  const isThere = (id: string): boolean =>
    existsSync(join(host.dataDir, 'workspaces', id));
  for (const name of names) {
    const id = parseSandboxId(name);
    if (id !== name || rows.get(id)?.has_workspace === true) continue;
    store.transaction(() => {
      if (store.sandboxes.get(id)?.has_workspace === true) return;
      if (isInOtherHands(deps, id) || !isThere(id)) return;
      const message = 'a workspace was found that belongs to no sandbox';
      look.note({
        kind: 'workspace_orphan',
        subject: `workspaces/${id}`,
        detail: '',
        sandboxId: id,
        action: 'corrected',
        message: `${message}; it is kept: create a sandbox with this id to use it, or purge it`,
      });
      store.workspaces.adopt(id, {
        actor: RECONCILER,
        reason: message,
        now: now(),
      });
    });
  }
  const found = new Set(names);
  for (const [id, { state, has_workspace }] of rows) {
    if (!has_workspace || found.has(id) || !expectsWorkspace(state)) continue;
    store.transaction(() => {
      const row = store.sandboxes.get(id);
      if (row?.has_workspace !== true || !expectsWorkspace(row.state)) return;
      if (isInOtherHands(deps, id) || isThere(id)) return;
      const gone = row.state === 'deleted';
      look.note({
        kind: 'workspace_missing',
        subject: `workspaces/${id}`,
        detail: '',
        sandboxId: id,
        action: gone ? 'corrected' : 'reported',
        message: `the workspace is missing from the data directory`,
      });
      if (!gone) return;
      store.sandboxes.forgetWorkspace(id);
      store.agentSessions.clear(id);
    });
  }
}

/** In these states the directory was made and no job is at it; a create that failed may have made none. */
function expectsWorkspace(state: SandboxRecord['state']): boolean {
  return state === 'running' || state === 'stopped' || state === 'deleted';
}

/** Routes, closed gates and guards of sandboxes or ports that are gone, and drafts of them. */
async function gates(deps: LeftoverDeps, look: Look): Promise<void> {
  const { store, host, now } = deps;
  const found = [];
  for (const dir of ['edge', 'edge-drafts'])
    for (const name of (await namesIn(join(host.dataDir, dir))) ?? [])
      found.push({ name, subject: `${dir}/${name}` });
  for (const { name, subject } of found) {
    const file = parseEdgeFile(name);
    if (file === undefined) continue;
    const { kind, id, port, draft } = file;
    const path = join(host.dataDir, subject);
    if (draft) {
      const old = await isOlder(path, DRAFT_OLD_MS, now());
      if (!old) continue;
      look.note(removed('gate_draft', subject, id, 'a draft of a gate'));
      await rm(path, { force: true });
      continue;
    }
    const sleeps = living(deps, id)?.state === 'stopped';
    // Of one that reconciling does not look at any more.
    if (kind === 'route' && sleeps) dropRoute(deps, id);
    const isLeft = await isOlder(path, GATE_OLD_MS, now());
    store.transaction(() => {
      const row = living(deps, id);
      const isUsed =
        port === undefined ? row !== undefined : row?.ports.includes(port);
      if (isUsed === true || isInOtherHands(deps, id) || !existsSync(path))
        return;
      // Nobody but this takes the guards of a sandbox that is gone away.
      if (isLeft && kind !== 'guard')
        look.note(
          removed(
            'gate_orphan',
            subject,
            id,
            kind === 'route' ? 'a route' : 'a closed gate',
          ),
        );
      rmSync(path, { force: true });
    });
  }
}

/** What removals that failed have left. */
async function trash(deps: LeftoverDeps, look: Look): Promise<void> {
  const { store, workspaces } = deps;
  const swept = await workspaces.sweep(
    (job) => store.jobs.get(job)?.finished_at === null,
  );
  for (const name of swept) {
    const id = parseSandboxId(name.split('-').at(-2) ?? '');
    look.note(removed('trash_left', `trash/${name}`, id, 'trash'));
  }
}

/** Resident agents of earlier versions that no container mounts and no worker uses. */
async function agentDirs(deps: LeftoverDeps, look: Look): Promise<void> {
  const { docker, host, now } = deps;
  const dir = join(host.dataDir, 'agent');
  const names = await namesIn(dir);
  const mounted = new Set((await docker.list()).map((c) => c.agentDir));
  for (const name of names ?? []) {
    const path = join(dir, name);
    if (!AGENT_DIR.test(name) || path === host.agentDir || mounted.has(path))
      continue;
    if (!(await isOlder(path, AGENT_OLD_MS, now()))) continue;
    look.note(
      removed('agent_dir_unused', `agent/${name}`, undefined, 'an old agent'),
    );
    await rm(path, { recursive: true, force: true });
  }
}

function removed(
  kind: Finding['kind'],
  subject: string,
  sandboxId: Finding['sandboxId'],
  what: string,
): Finding {
  const message = `${what} was left behind: ${subject}`;
  return { kind, subject, detail: '', sandboxId, action: 'removed', message };
}

async function isOlder(path: string, ms: number, now: number) {
  const stats = await stat(path).catch(ignoreMissing);
  return stats !== undefined && now - stats.mtimeMs > ms;
}

/** Names in a directory; undefined when it is not there. */
async function namesIn(dir: string): Promise<readonly string[] | undefined> {
  return readdir(dir).catch(ignoreMissing);
}
