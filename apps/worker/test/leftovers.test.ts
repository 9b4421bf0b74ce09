import {
  existsSync,
  mkdirSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import {
  edgeDraft,
  gateFile,
  guardFile,
  routeFile,
  sandboxIdSchema,
} from '@sandboxed/domain';
import { ulid } from 'ulid';
import { clearLeftovers } from '../src/leftovers.ts';
import type { World } from './support.ts';
import {
  cleanUp,
  counted,
  findings,
  newSandbox,
  runningSandbox,
  submit,
  world,
} from './support.ts';

afterEach(cleanUp);

const nameless = (): SandboxId => sandboxIdSchema.parse(ulid());
const HOUR = 3_600_000;

/** Writes a file of the data directory, last touched so long ago. */
function put(place: World, path: string, agoMs = 0): string {
  const file = join(place.dataDir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x');
  const at = new Date(Date.now() - agoMs);
  utimesSync(file, at, at);
  utimesSync(dirname(file), at, at);
  return file;
}

/** Ends the life of a sandbox as a delete does. */
function deleted(place: World): SandboxId {
  const id = newSandbox(place);
  const details = { actor: 'test', reason: 'test', now: Date.now() };
  place.store.sandboxes.transition(id, 'delete', details);
  place.store.sandboxes.transition(id, 'removed', details);
  return id;
}

/** A sandbox that runs, with the directories it has then. */
function whole(place: World): SandboxId {
  const id = runningSandbox(place);
  put(place, `workspaces/${id}/file`);
  put(place, `run/${id}/agent.sock`);
  put(place, gateFile('', id, 3000));
  return id;
}

it('leaves alone what is as it should be, and what is not ours', async () => {
  const place = world();
  const id = whole(place);
  const kept = deleted(place);
  put(place, `workspaces/${kept}/file`);
  const others = [
    'workspaces/lost+found/x',
    'workspaces/notes.txt',
    'run/lock',
    'edge/wake.yaml',
    'agent/readme.txt',
  ].map((path) => put(place, path, HOUR));
  await clearLeftovers(place.deps);
  expect(counted(place)).toEqual({});
  for (const file of [
    ...others,
    join(place.dataDir, `workspaces/${kept}/file`),
    join(place.dataDir, `run/${id}/agent.sock`),
    gateFile(place.dataDir, id, 3000),
  ])
    expect(existsSync(file)).toBe(true);
});

it('removes agent directory and gates of a sandbox that is gone', async () => {
  const place = world();
  for (const id of [nameless(), deleted(place)]) {
    const files = [
      put(place, `run/${id}/agent.sock`),
      put(place, gateFile('', id, 3000), HOUR),
    ];
    put(place, `workspaces/${id}/file`);
    await clearLeftovers(place.deps);
    for (const file of files) expect(existsSync(file)).toBe(false);
    expect(existsSync(join(place.dataDir, `run/${id}`))).toBe(false);
    expect(readdirSync(join(place.dataDir, 'trash'))).toEqual([]);
    expect(findings(place, id)).toEqual(
      expect.arrayContaining(['run_dir_orphan removed', 'gate_orphan removed']),
    );
  }
  expect(counted(place)).toMatchObject({ run_dir_orphan: 2, gate_orphan: 2 });
});

it('removes the gate of a port that a sandbox no longer has', async () => {
  const place = world();
  const id = whole(place);
  const old = put(place, gateFile('', id, 9999), HOUR);
  await clearLeftovers(place.deps);
  expect(existsSync(old)).toBe(false);
  expect(counted(place)).toEqual({ gate_orphan: 1 });
});

it('finds nothing wrong with the gate of a sandbox that was deleted a moment ago', async () => {
  const place = world();
  const gate = put(place, gateFile('', deleted(place), 3000));
  await clearLeftovers(place.deps);
  expect(existsSync(gate)).toBe(false);
  expect(counted(place)).toEqual({});
});

it('removes the route of a sandbox that is gone, and leaves that of another', async () => {
  const place = world();
  const id = deleted(place);
  put(place, `workspaces/${id}/file`);
  const gone = put(place, routeFile('', id), HOUR);
  const needed = put(place, routeFile('', whole(place)), HOUR);
  await clearLeftovers(place.deps);
  expect([existsSync(gone), existsSync(needed)]).toEqual([false, true]);
  expect(counted(place)).toEqual({ gate_orphan: 1 });
});

it('has nobody led to a sandbox that sleeps, which is nothing wrong', async () => {
  const place = world();
  const id = whole(place);
  place.store.sandboxes.transition(id, 'exited', {
    ...{ actor: 'test', reason: 'test' },
    now: 1,
  });
  put(place, routeFile('', id), HOUR);
  const unrouted: SandboxId[] = [];
  const edge = {
    ...place.deps.edge,
    unroute: (one: SandboxId) => unrouted.push(one),
  };
  await clearLeftovers({ ...place.deps, edge });
  expect(unrouted).toEqual([id]);
  expect(counted(place)).toEqual({});
});

it('takes the guard of a sandbox that is gone away, which is nothing wrong, and leaves the guard of another', async () => {
  const place = world();
  const id = deleted(place);
  put(place, `workspaces/${id}/file`);
  const gone = put(place, guardFile('', id, 3000), HOUR);
  const needed = put(place, guardFile('', whole(place), 3000), HOUR);
  await clearLeftovers(place.deps);
  expect([existsSync(gone), existsSync(needed)]).toEqual([false, true]);
  expect(counted(place)).toEqual({});
});

it.each(['a create', 'a purge'])(
  'touches nothing of a sandbox that has %s on its way',
  async (what) => {
    const place = world();
    const id = what === 'a create' ? newSandbox(place) : deleted(place);
    submit(place, id, what === 'a create' ? 'create' : 'purge', {});
    const files = [
      put(place, `run/${id}/agent.sock`),
      put(place, gateFile('', id, 9999), HOUR),
    ];
    await clearLeftovers(place.deps);
    for (const file of files) expect(existsSync(file)).toBe(true);
    expect(counted(place)).toEqual({});
  },
);

it('never removes the agent directory of a sandbox that is created meanwhile', async () => {
  const place = world();
  const id = nameless();
  const file = put(place, `run/${id}/agent.sock`);
  const { docker } = place.deps;
  const list = async () => {
    const found = await docker.list();
    if (place.store.sandboxes.get(id) === undefined) newSandbox(place, { id });
    return found;
  };
  await clearLeftovers({ ...place.deps, docker: { ...docker, list } });
  expect(existsSync(file)).toBe(true);
});

describe('a workspace that no row knows', () => {
  it.each(['never had a sandbox', 'was purged'])(
    'of an id that %s is kept, and a purge can remove it',
    async (which) => {
      const place = world();
      const id = which === 'was purged' ? deleted(place) : nameless();
      if (which === 'was purged') place.store.sandboxes.forgetWorkspace(id);
      const file = put(place, `workspaces/${id}/file`);
      await clearLeftovers(place.deps);
      await clearLeftovers(place.deps);
      expect(existsSync(file)).toBe(true);
      expect(place.store.sandboxes.get(id)).toMatchObject({
        state: 'deleted',
        has_workspace: true,
      });
      expect(findings(place, id)).toEqual(['workspace_orphan corrected']);
      const purge = submit(place, id, 'purge', {});
      await place.runner().run(purge);
      expect(place.store.jobs.get(purge)?.status).toBe('succeeded');
      expect(existsSync(file)).toBe(false);
    },
  );

  it('is found by a create of that id', async () => {
    const place = world();
    const id = nameless();
    put(place, `workspaces/${id}/file`);
    await clearLeftovers(place.deps);
    newSandbox(place, { id });
    expect(place.store.sandboxes.get(id)).toMatchObject({
      state: 'creating',
      has_workspace: true,
    });
    expect(place.store.sandboxes.env(id)).toEqual({});
  });
});

describe('a workspace that is missing', () => {
  it('is forgotten of a deleted sandbox, and only reported of a living one', async () => {
    const place = world();
    const gone = deleted(place);
    const living = runningSandbox(place);
    mkdirSync(join(place.dataDir, 'workspaces'));
    for (let round = 0; round < 2; round += 1) await clearLeftovers(place.deps);
    expect(place.store.sandboxes.get(gone)?.has_workspace).toBe(false);
    expect(place.store.sandboxes.get(living)?.has_workspace).toBe(true);
    expect(findings(place, gone)).toEqual(['workspace_missing corrected']);
    expect(findings(place, living)).toEqual(['workspace_missing reported']);
  });

  it('is not believed where all of them are missing', async () => {
    const place = world();
    const gone = deleted(place);
    await clearLeftovers(place.deps);
    expect(place.store.sandboxes.get(gone)?.has_workspace).toBe(true);
  });
});

it('removes old drafts of gates, and leaves one that is being written', async () => {
  const place = world();
  const id = whole(place);
  const old = put(place, edgeDraft(gateFile('', id, 3000), 'api'), HOUR);
  const fresh = put(place, edgeDraft(gateFile('', id, 3001), 'worker'));
  await clearLeftovers(place.deps);
  expect(existsSync(old)).toBe(false);
  expect(existsSync(fresh)).toBe(true);
  expect(counted(place)).toEqual({ gate_draft: 1 });
});

it('removes agents that no container mounts and no worker uses', async () => {
  const place = world();
  const agent = (hash: string, agoMs: number): string =>
    dirname(put(place, `agent/${hash}/node`, agoMs));
  const current = agent('0000000000000000', HOUR);
  const mounted = agent('1111111111111111', HOUR);
  const inUse = agent('2222222222222222', 60_000);
  const old = agent('3333333333333333', HOUR);
  const halfBuilt = agent('4444444444444444.abcDEF', HOUR);
  place.deps.docker.put(whole(place), {
    name: 'asleep',
    running: false,
    agentDir: mounted,
  });
  await clearLeftovers({
    ...place.deps,
    host: { ...place.deps.host, agentDir: current },
  });
  expect([current, mounted, inUse, old, halfBuilt].map(existsSync)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(counted(place)).toEqual({ agent_dir_unused: 2 });
});

it('sweeps the trash of dead purges and tells in whose log', async () => {
  const place = world();
  const id = whole(place);
  const left = put(place, `trash/${id}-${ulid()}/file`);
  await clearLeftovers(place.deps);
  expect(existsSync(left)).toBe(false);
  expect(findings(place, id)).toEqual(['trash_left removed']);
});

it('tells once when workers look at once', async () => {
  const place = world();
  const id = nameless();
  put(place, `run/${id}/agent.sock`);
  put(place, `workspaces/${id}/file`);
  put(place, gateFile('', id, 3000), HOUR);
  await Promise.all([clearLeftovers(place.deps), clearLeftovers(place.deps)]);
  expect(counted(place)).toMatchObject({
    run_dir_orphan: 1,
    workspace_orphan: 1,
    gate_orphan: 1,
  });
});
