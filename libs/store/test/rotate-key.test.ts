import { spawn } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { JobId, SandboxId } from '@sandboxed/domain';
import type { Rotation, RotationStep } from '../src/index.ts';
import { rotateKey } from '../src/index.ts';
import { readKeyFile, writeKeyFile } from '../src/key-file.ts';
import { SECRETS } from '../src/migrations/0011-secrets.ts';
import { newKey } from '../src/sealing-key.ts';
import { EXEC, insert, sandboxId, submit, temporary } from './open.ts';

const INDEX = JSON.stringify(join(__dirname, '../src/index.ts'));
const MANY = 250;
/** Values that {@link filled} leaves in all. */
const SEALED = MANY + 4;

const ANSWER = {
  fingerprint: 'digest-of-a-request',
  status: 202,
  headers: {},
  body: {},
};

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

const rotate = (): Rotation =>
  rotateKey({ path: place.path, keyFile: place.keyFile, now: () => 1_000 });

/** An installation with values in every sealed column, more than one batch of them. */
function filled(): { readonly ids: readonly SandboxId[]; readonly job: JobId } {
  const store = place.open();
  const ids = store.transaction(() =>
    Array.from({ length: MANY }, () => insert(store)),
  );
  const [first] = ids;
  if (first === undefined) throw new Error('no sandbox');
  const job = submit(store, first, 'exec', EXEC, { env: { K: 'of a job' } });
  for (const name of ['web', 'worker'])
    store.services.put(first, name, { command: 'x', env: { S: name } }, 1);
  store.idempotency.save('caller', 'key', ANSWER, 1_000);
  store.close();
  return { ids, job };
}

function expectAllReadable({ ids, job }: ReturnType<typeof filled>): void {
  const store = place.open();
  for (const id of ids)
    expect(store.sandboxes.env(id)).toEqual({ TOKEN: 'very-secret-value' });
  expect(store.jobs.secret(job)).toEqual({ env: { K: 'of a job' } });
  expect(store.idempotency.find('caller', 'key', 2_000)).toEqual(ANSWER);
  const [first] = ids;
  if (first !== undefined)
    expect(store.services.list(first).map(({ spec }) => spec.env)).toEqual([
      { S: 'web' },
      { S: 'worker' },
    ]);
  store.close();
}

/** Every byte of the database, its log and its copies. */
function bytesOnDisk(): Buffer {
  return Buffer.concat(
    readdirSync(place.dir)
      .filter((name) => !name.startsWith('secret.key'))
      .map((name) => readFileSync(join(place.dir, name))),
  );
}

/** The sealed values as they rest. */
function sealedValues(): readonly Buffer[] {
  const db = new Database(place.path, { readonly: true });
  try {
    return db
      .prepare(
        `SELECT env_sealed FROM sandboxes UNION ALL SELECT spec_sealed FROM services
         UNION ALL SELECT fingerprint_sealed FROM idempotency
         UNION ALL SELECT secret_sealed FROM jobs WHERE secret_sealed IS NOT NULL`,
      )
      .pluck()
      .all() as Buffer[];
  } finally {
    db.close();
  }
}

it('encrypts every value anew, forgets the old key and leaves nothing that it sealed', () => {
  const held = filled();
  const [old] = readKeyFile(place.keyFile);
  const before = sealedValues();
  // As a program does that clears nothing it deletes: these stay in pages that nobody uses.
  const careless = new Database(place.path);
  careless.pragma('secure_delete = OFF');
  careless.exec(
    'CREATE TABLE kept AS SELECT env_sealed FROM sandboxes; DROP TABLE kept',
  );
  careless.close();
  // One that runs on keeps the log from going with the last connection.
  const running = place.open();
  expect(bytesOnDisk().includes(before[0] ?? '')).toBe(true);
  expect(bytesOnDisk().includes(ANSWER.fingerprint)).toBe(false);
  const rotation = rotate();
  expect(rotation).toMatchObject({
    resumed: false,
    sealed: SEALED,
    unreadable: [],
    swept: true,
  });
  const keys = readKeyFile(place.keyFile);
  expect(keys.map(({ id }) => id)).toEqual([rotation.keyId]);
  expect(rotation.keyId).not.toBe(old?.id);
  expect(statSync(place.keyFile).mode & 0o777).toBe(0o600);
  const disk = bytesOnDisk();
  // The random middle of each, which nothing else can be.
  for (const value of before)
    expect(disk.includes(value.subarray(-20))).toBe(false);
  running.close();
  expectAllReadable(held);
});

it('is written down, from its beginning to its end, by the id of the key alone', () => {
  filled();
  const { keyId, sealed } = rotate();
  const { items } = place.open().audit.list({ limit: 10 });
  const by = { actor: 'cli', action: 'rotate_key', tenant: null };
  expect(items.filter(({ action }) => action === by.action)).toMatchObject([
    { ...by, outcome: 'succeeded', detail: { key: keyId, sealed } },
    { ...by, outcome: 'accepted' },
  ]);
});

it('takes over what was encrypted before keys had ids', () => {
  const key = randomBytes(32);
  writeFileSync(place.keyFile, key, { mode: 0o600 });
  const held = filled();
  const [first] = held.ids;
  const sealAsBefore = (value: unknown, context: string): Buffer => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(context));
    const text = Buffer.concat([
      cipher.update(JSON.stringify(value)),
      cipher.final(),
    ]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]);
  };
  const db = new Database(place.path);
  const env = db.prepare('UPDATE sandboxes SET env_sealed = ? WHERE id = ?');
  for (const id of held.ids)
    env.run(sealAsBefore({ TOKEN: 'very-secret-value' }, `env:${id}`), id);
  db.prepare('UPDATE jobs SET secret_sealed = ?').run(
    sealAsBefore({ env: { K: 'of a job' } }, `job:${held.job}`),
  );
  const service = db.prepare(
    'UPDATE services SET spec_sealed = ? WHERE name = ?',
  );
  for (const name of ['web', 'worker'])
    service.run(
      sealAsBefore(
        { command: 'x', env: { S: name } },
        `service:${String(first)}:${name}`,
      ),
      name,
    );
  db.exec('ALTER TABLE idempotency DROP COLUMN fingerprint_sealed');
  db.prepare('UPDATE idempotency SET response = ?').run(JSON.stringify(ANSWER));
  db.exec(SECRETS);
  db.close();
  expectAllReadable(held);
  expect(rotate()).toMatchObject({ sealed: SEALED - 1, unreadable: [] });
  expectAllReadable(held);
});

it('removes the copies from before upgrades, which the old keys sealed', () => {
  filled();
  writeFileSync(join(place.dir, 'before-schema-5.sqlite'), 'old');
  expect(rotate().removedCopies).toEqual(['before-schema-5.sqlite']);
  expect(readdirSync(place.dir)).not.toContain('before-schema-5.sqlite');
});

it.each<RotationStep>([
  'key_added',
  'batch',
  'sealed',
  'old_keys_dropped',
  'swept',
])(
  'killed after %s, leaves all readable and goes on from there',
  async (step) => {
    const held = filled();
    const script = `const { rotateKey } = await import(${INDEX});
    rotateKey({ path: process.argv[1], keyFile: process.argv[2], now: () => 1,
      onStep(step) { if (step === process.argv[3]) process.kill(process.pid, 'SIGKILL'); } });`;
    const child = spawn(process.execPath, [
      ...['--no-warnings', '--input-type=module', '-e', script],
      ...[place.path, place.keyFile, step],
    ]);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expectAllReadable(held);
    const isOver = step === 'old_keys_dropped' || step === 'swept';
    const cut = readKeyFile(place.keyFile);
    expect(cut).toHaveLength(isOver ? 1 : 2);
    const rotation = rotate();
    expect(rotation).toMatchObject({ resumed: !isOver, unreadable: [] });
    if (!isOver) expect(rotation.keyId).toBe(cut.at(-1)?.id);
    if (step === 'batch') expect(rotation.sealed).toBe(SEALED - 100);
    expect(readKeyFile(place.keyFile)).toHaveLength(1);
    expectAllReadable(held);
  },
);

it('a key file that was cut off in the middle of being written is not taken for one', () => {
  const held = filled();
  writeFileSync(`${place.keyFile}.partial`, '{"format":1,"keys":[{"id"');
  rotate();
  expect(readdirSync(place.dir)).not.toContain('secret.key.partial');
  expectAllReadable(held);
});

it('leaves no value of an old key behind while another process goes on writing', async () => {
  const held = filled();
  const script = `const { openStore } = await import(${INDEX});
    const store = openStore({ path: process.argv[1], keyFile: process.argv[2], onCommit() {}, onError() {} });
    const made = [];
    process.on('SIGTERM', () => { console.log(JSON.stringify(made)); process.exit(); });
    for (let n = 0; ; n += 1) {
      const name = 'w' + n;
      store.services.put(process.argv[3], name, { command: 'x', env: { N: String(n) } }, n);
      made.push(name);
      if (store.services.list(process.argv[3]).length < n) throw new Error('one is missing');
      if (n === 20) console.log('writing');
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const id = held.ids[7] ?? '';
  const writer = spawn(
    process.execPath,
    [
      ...['--no-warnings', '--input-type=module', '-e', script],
      ...[place.path, place.keyFile, id],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  let failed = '';
  writer.stderr.on('data', (chunk: Buffer) => {
    failed += chunk.toString();
  });
  await once(writer.stdout, 'data');
  const rotations = [rotate(), rotate(), rotate()];
  const ended = once(writer, 'exit');
  writer.kill('SIGTERM');
  await ended;
  expect(failed).toBe('');
  for (const rotation of rotations) expect(rotation.unreadable).toEqual([]);
  const made: unknown = JSON.parse(said.replace('writing', ''));
  const store = place.open();
  const names = store.services
    .list(held.ids[7] ?? sandboxId())
    .map(({ name }) => name);
  expect(names.sort()).toEqual(Array.isArray(made) ? made.sort() : made);
  store.close();
  expectAllReadable(held);
});

it('a process that runs on reads and seals with the new key', () => {
  const store = place.open();
  const before = insert(store);
  const { keyId } = rotate();
  expect(store.sandboxes.env(before)).toEqual({ TOKEN: 'very-secret-value' });
  const after = insert(store);
  expect(store.sandboxes.env(after)).toEqual({ TOKEN: 'very-secret-value' });
  for (const value of sealedValues())
    expect(value.subarray(1, 5).toString('hex')).toBe(keyId);
});

it('keeps the old keys, and says of which sandbox, when a value cannot be read', () => {
  const { ids } = filled();
  const [first, second] = ids;
  const db = new Database(place.path);
  db.prepare(
    'UPDATE sandboxes SET env_sealed = (SELECT env_sealed FROM sandboxes WHERE id = ?) WHERE id = ?',
  ).run(second, first);
  db.close();
  expect(rotate().unreadable).toMatchObject([
    { owner: `sandbox ${String(first)}`, holds: 'environment' },
  ]);
  expect(readKeyFile(place.keyFile)).toHaveLength(2);

  // Once the sandbox is deleted, the rotation comes to its end.
  const store = place.open();
  const by = { actor: 'test', reason: 'test', now: 2_000 };
  if (first !== undefined)
    for (const event of ['ready', 'delete', 'removed'] as const)
      store.sandboxes.transition(first, event, by);
  store.close();
  expect(rotate()).toMatchObject({ resumed: true, unreadable: [] });
  expect(readKeyFile(place.keyFile)).toHaveLength(1);
});

it('drops nothing for a key file of another installation', () => {
  filled();
  writeKeyFile(place.keyFile, [newKey()]);
  expect(rotate().unreadable).toHaveLength(SEALED);
  expect(readKeyFile(place.keyFile)).toHaveLength(2);
});
