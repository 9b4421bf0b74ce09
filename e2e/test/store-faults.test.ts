import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Clients } from '../src/faults/clients.ts';
import { createClients } from '../src/faults/clients.ts';
import type { OwnStack } from '../src/own-stack/own-stack.ts';
import { startOwnStack } from '../src/own-stack/own-stack.ts';

/** Beside what the agent's files and the database take. MiB. */
const DISK_MB = 280;

let stack: OwnStack;
let clients: Clients;
beforeAll(async () => {
  stack = await startOwnStack({ diskMb: DISK_MB });
}, 60_000);
beforeEach(() => {
  clients = createClients(stack);
});
afterAll(() => stack.close(), 60_000);

/** Holds the database for writing as another program could. */
async function heldFor(ms: number): Promise<void> {
  const db = new Database(stack.database, { timeout: 10_000 });
  try {
    db.exec('BEGIN EXCLUSIVE');
    await pause(ms);
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

it('refuses nothing while another program holds the database for 3 s', async () => {
  const id = await clients.create();
  const running = await clients.mark(id, 'echo a; sleep 1; echo b');
  const held = heldFor(3_000);
  const job = await clients.mark(id);
  await held;
  for (const each of [running, job]) {
    expect((await clients.ended(each)).status).toBe('succeeded');
    await clients.follow(each);
  }
  expect(await clients.violations()).toEqual([]);
}, 90_000);

it('refuses with a reason while it is held for longer, and keeps what was accepted', async () => {
  const id = await clients.create();
  const running = await clients.mark(id, 'echo a; sleep 2; echo b');
  const held = heldFor(12_000);
  const refused = await clients.call('POST', `/sandbox/${id}/exec`, {
    shell: 'echo refused >> marks',
  });
  expect(refused).toMatchObject({
    status: 503,
    body: { code: 'store_unavailable', retryable: true },
  });
  expect(refused.headers.get('retry-after')).toBe('2');
  await held;
  expect(await clients.ended(running)).toMatchObject({
    status: 'succeeded',
    result: { stdout: 'a\nb\n' },
  });
  await clients.follow(running);
  const after = await clients.ended(await clients.mark(id, 'cat marks'));
  expect(after.status).toBe('succeeded');
  expect(JSON.stringify(after.result)).not.toContain('refused');
  expect(await clients.violations()).toEqual([]);
}, 90_000);

it('refuses with a reason while the disk is full, half accepts nothing, and goes on once there is space', async () => {
  const id = await clients.create();
  await clients.put(id, 'kept', 'kept');
  const running = await clients.mark(id, 'echo a; sleep 6; echo b');
  const ballast = join(stack.dataDir, 'ballast');
  await fill(ballast);

  const before = countJobs();
  let accepted = 0;
  let refused;
  // What the database's log has free it uses up first.
  while (refused === undefined && accepted < 200) {
    const answer = await clients.call('POST', `/sandbox/${id}/exec`, {
      shell: `true # ${'x'.repeat(100_000)}`,
    });
    if (answer.status === 202) accepted += 1;
    else refused = answer;
  }
  expect(refused).toMatchObject({
    status: 507,
    body: { code: 'disk_full', retryable: true },
  });
  expect(countJobs()).toBe(before + accepted);
  const put = await clients.call('PUT', `/sandbox/${id}/files`, {
    path: 'kept',
    content: 'x'.repeat(500_000),
  });
  expect(put).toMatchObject({ status: 507, body: { code: 'disk_full' } });
  await pause(8_000);

  await rm(ballast);
  expect(await clients.ended(running, 30_000)).toMatchObject({
    status: 'succeeded',
    result: { stdout: 'a\nb\n' },
  });
  const after = await clients.ended(await clients.mark(id));
  expect(after.status).toBe('succeeded');
  expect(await clients.violations()).toEqual([]);
}, 120_000);

/** Writes zeros until nothing more fits. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [1_048_576, 4_096]) {
      const zeros = Buffer.alloc(size);
      for (;;) {
        const { bytesWritten } = await file
          .write(zeros)
          .catch(() => ({ bytesWritten: 0 }));
        if (bytesWritten < size) break;
      }
    }
  } finally {
    await file.close();
  }
}

function countJobs(): number {
  const db = new Database(stack.database, { readonly: true, timeout: 10_000 });
  try {
    return Number(db.prepare('SELECT COUNT(*) FROM jobs').pluck().get());
  } finally {
    db.close();
  }
}
