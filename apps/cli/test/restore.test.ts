import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import { LEASE_MS, sandboxIdSchema, workspaceDir } from '@sandboxed/domain';
import { place } from './support.ts';

let here: ReturnType<typeof place>;
beforeEach(() => {
  here = place();
});
afterEach(() => {
  here.clean();
});

const at = (...names: string[]) => join(here.root, ...names);

it('brings API keys back as they were, those that were revoked since as well, and says how many', async () => {
  const old = here.open('old');
  const key = (id: string) =>
    old.apiKeys.insert({
      id,
      tenant: 'ann',
      name: 'ci',
      prefix: `sk_${id.slice(-8)}`,
      hash: Buffer.alloc(32, id),
      scopes: ['read'],
      made_by: 'test',
      created_at: 1_000,
      expires_at: null,
    });
  const [later, before] = [
    key('01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    key('01ARZ3NDEKTSV4RRFFQ69G5FAW'),
  ];
  old.apiKeys.revoke(before.id, 2_000);
  await here.backUp('old', 'monday');
  old.apiKeys.revoke(later.id, 3_000);
  expect((await here.restore('monday', 'new')).keys).toBe(1);
  const store = here.open('new');
  expect(store.apiKeys.get(later.id)?.revoked_at).toBeNull();
  expect(store.apiKeys.get(before.id)?.revoked_at).toBe(2_000);
});

describe('a restored sandbox', () => {
  it.each([
    'creating',
    'starting',
    'running',
    'stopping',
    'stopped',
    'deleting',
  ] as const)('that was %s is stopped and can be started', async (state) => {
    const old = here.open('old');
    const id = here.sandbox(old, 'old', state);
    old.sandboxes.reserve(id, 512);
    await here.backUp('old', 'monday');
    const settled = await here.restore('monday', 'new');

    const store = here.open('new');
    expect(settled.sandboxes).toBe(state === 'stopped' ? 0 : 1);
    expect(store.sandboxes.get(id)).toMatchObject({
      state: 'stopped',
      ...(state !== 'stopped' && {
        state_actor: 'restore',
        state_reason: `restored from the backup of 2026-11-24T02:00:00.000Z, when it was ${state}`,
        reserved_mb: 0,
      }),
    });
    expect(store.sandboxes.env(id)).toEqual({ TOKEN: 'kept' });
    expect(
      store.sandboxes.transition(id, 'start', {
        actor: 'wake',
        reason: 'test',
        now: 2_000,
      }).state,
    ).toBe('starting');
  });

  it.each(['error', 'deleted'] as const)(
    'that was %s is so still',
    async (state) => {
      const id = here.sandbox(here.open('old'), 'old', state);
      await here.backUp('old', 'monday');
      await here.restore('monday', 'new');
      expect(here.open('new').sandboxes.get(id)?.state).toBe(state);
      expect(existsSync(workspaceDir(at('new'), id))).toBe(true);
    },
  );

  it('is opened by no link of before, also by none that was revoked since the backup', async () => {
    const old = here.open('old');
    const id = here.sandbox(old, 'old', 'stopped');
    const generation = (store: typeof old) =>
      store.sandboxes.get(id)?.preview_generation ?? 0;
    await here.backUp('old', 'monday');
    for (const now of [2_000, 2_001]) old.sandboxes.revokePreviews(id, now);
    await here.restore('monday', 'new');
    expect(generation(here.open('new'))).toBeGreaterThan(generation(old));
  });

  it('has no unfinished job, and each that was cut off says why in its last event', async () => {
    const old = here.open('old');
    const id = here.sandbox(old, 'old', 'running');
    const claimed = here.exec(old, id);
    const asked = here.exec(old, id);
    const queued = here.exec(old, id);
    for (const job of [claimed, asked]) old.jobs.claim(job, 'w', 1_000);
    old.jobs.requestCancel(asked, { actor: 'test', now: 1_500 });
    await here.backUp('old', 'monday');
    expect((await here.restore('monday', 'new')).jobs).toBe(3);

    const store = here.open('new');
    expect(store.jobs.mailbox(id)).toEqual([]);
    expect(store.jobs.toOffer(1_000 + 2 * LEASE_MS, 10)).toEqual([]);
    for (const [job, status, code] of [
      [claimed, 'failed', 'worker_lost'],
      [asked, 'cancelled', 'cancelled'],
      [queued, 'cancelled', 'cancelled'],
    ] as const) {
      const error = { code, message: expect.stringMatching(/restored/) };
      expect(store.jobs.get(job)).toMatchObject({ status, error });
      expect(store.jobs.secret(job)).toBeUndefined();
      expect(store.events.after({ jobId: job }, 0, 100).at(-1)).toMatchObject({
        type: 'done',
        data: { status, error },
      });
    }
    expect(old.jobs.get(queued)?.status).toBe('queued');
  });

  it('takes no worker, socket, gate or trash with it', async () => {
    const old = here.open('old');
    here.sandbox(old, 'old', 'running');
    for (const name of ['run', 'edge', 'trash', 'agent'])
      mkdirSync(at('old', name));
    await here.backUp('old', 'monday');
    await here.restore('monday', 'new');
    expect(readdirSync(at('new')).sort()).toEqual([
      'db',
      'secret.key',
      'workspaces',
    ]);
    expect(readdirSync(at('new', 'db'))).toEqual(['sandboxed.sqlite']);
    expect(lstatSync(at('new', 'secret.key')).mode & 0o777).toBe(0o600);
  });
});

describe('a restore', () => {
  let id: SandboxId;
  beforeEach(async () => {
    id = here.sandbox(here.open('old'), 'old', 'stopped');
    writeFileSync(join(workspaceDir(at('old'), id), 'file'), 'bytes');
    await here.backUp('old', 'monday');
  });

  it.each(['db', 'workspaces', 'edge'])(
    'refuses a data directory that holds %s',
    async (name) => {
      mkdirSync(at('new', name), { recursive: true });
      await expect(here.restore('monday', 'new')).rejects.toMatchObject({
        message: expect.stringContaining(`is not empty: it holds ${name}`),
        exitCode: 73,
      });
      expect(readdirSync(at('new'))).toEqual([name]);
    },
  );

  it('takes an empty one, a new disk, and what a killed restore left', async () => {
    for (const [name, inside] of [
      ['empty', '.'],
      ['disk', 'lost+found'],
      ['again', 'restoring/workspaces/half'],
    ] as const) {
      mkdirSync(at(name, inside), { recursive: true });
      await here.restore('monday', name);
      expect(here.open(name).sandboxes.get(id)?.state).toBe('stopped');
    }
  });

  it('can be made of the same backup again', async () => {
    await here.restore('monday', 'one');
    await here.restore('monday', 'two');
    expect(
      readFileSync(join(workspaceDir(at('two'), id), 'file'), 'utf8'),
    ).toBe('bytes');
  });

  it('puts nothing in place when it is interrupted', async () => {
    const interruption = new AbortController();
    await expect(
      here.restore('monday', 'new', {
        signal: interruption.signal,
        say: () => {
          interruption.abort();
        },
      }),
    ).rejects.toThrow();
    expect(readdirSync(at('new'))).toEqual([]);
  });

  /** A byte of a file of the backup becomes another; its size stays. */
  function flip(name: string): void {
    const bytes = readFileSync(at('monday', name));
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(at('monday', name), bytes);
  }

  function edit(change: Record<string, unknown>): void {
    const file = at('monday', 'manifest.json');
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(Object.assign({}, manifest, change)));
  }

  const archive = () => `workspaces/${id}.tar`;
  it.each<[string, () => void, RegExp]>([
    [
      'no manifest',
      () => {
        rmSync(at('monday/manifest.json'));
      },
      /holds no manifest/,
    ],
    [
      'half a manifest',
      () => {
        truncateSync(at('monday/manifest.json'), 40);
      },
      /cannot be understood/,
    ],
    [
      'a manifest of another format',
      () => {
        edit({ format: 2 });
      },
      /cannot be understood/,
    ],
    [
      'a newer schema',
      () => {
        edit({ schema_version: 999 });
      },
      /newer sandboxed/,
    ],
    [
      'a changed database',
      () => {
        flip('sandboxed.sqlite');
      },
      /sqlite is not what was written/,
    ],
    [
      'another key',
      () => {
        flip('secret.key');
      },
      /key is not what was written/,
    ],
    [
      'no database',
      () => {
        rmSync(at('monday/sandboxed.sqlite'));
      },
      /sqlite is missing/,
    ],
    [
      'no archive',
      () => {
        rmSync(at('monday', archive()));
      },
      /tar is missing/,
    ],
    [
      'half an archive',
      () => {
        truncateSync(at('monday', archive()), 700);
      },
      /has 700 bytes instead of/,
    ],
    [
      'a changed archive',
      () => {
        flip(archive());
      },
      /tar is not what was written/,
    ],
  ])(
    'refuses a backup with %s and leaves nothing behind',
    async (_name, spoil, words) => {
      spoil();
      await expect(here.restore('monday', 'new')).rejects.toMatchObject({
        message: expect.stringMatching(words),
        exitCode: 65,
      });
      if (existsSync(at('new'))) expect(readdirSync(at('new'))).toEqual([]);
    },
  );

  it('refuses a directory that is not there', async () => {
    await expect(here.restore('tuesday', 'new')).rejects.toThrow(
      /is not a backup/,
    );
    expect(existsSync(at('new'))).toBe(false);
  });
});

it('does not believe in the members of a warm pool that the backup knows', async () => {
  const old = here.open('old');
  const id = here.sandbox(old, 'old', 'stopped');
  const member = { generation: 1, key: 'key', hostKey: '', createdAt: 1 };
  const other = sandboxIdSchema.parse('01ARZ3NDEKTSV4RRFFQ69G5FAX');
  old.warmPool.plan({ ...member, id: other }, 5);
  old.warmPool.markReady(other, 2);
  await here.backUp('old', 'monday');
  await here.restore('monday', 'new');
  const store = here.open('new');
  expect(store.warmPool.all()).toEqual([]);
  expect(store.sandboxes.get(id)?.state).toBe('stopped');
});
