import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { copyDatabase, readSandboxes, SCHEMA_VERSION } from '../src/index.ts';
import { EXEC, insert, submit, temporary } from './open.ts';

let place = temporary();
beforeEach(() => {
  place = temporary();
});
afterEach(() => {
  place.clean();
});

/** Another process that adds a job and its events in one transaction, over and over, until it is killed. Resolves once it writes. */
async function busyWriter(path: string, sandbox: string) {
  const script = `const { openStore } = await import(${JSON.stringify(join(__dirname, '../src/index.ts'))});
    const store = openStore({ path: process.argv[1], keyFile: process.argv[1].replace('test.sqlite', 'secret.key'), onCommit() {}, onError() {} });
    for (let n = 0; ; n += 1) {
      store.jobs.submit({ id: '01ARZ3NDEM' + String(n).padStart(16, '0'), sandboxId: process.argv[2], kind: 'exec',
        payload: { shell: 'x'.repeat(2_000), timeout_seconds: null, background: false }, requestedBy: 'writer', now: n });
      if (n === 20) console.log('writing');
      if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }`;
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', script, path, sandbox],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return {
    writes: () => child.exitCode === null && child.signalCode === null,
    async end(): Promise<void> {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function rows(path: string, sql: string): unknown[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare(sql).pluck().all();
  } finally {
    db.close();
  }
}

it('copies what was committed before, whole, while another process writes on', async () => {
  const store = place.open();
  const writer = await busyWriter(place.path, insert(store));
  const to = join(place.dir, 'copy.sqlite');
  try {
    for (let round = 0; round < 5; round += 1) {
      const before = rows(place.path, 'SELECT id FROM jobs ORDER BY id').length;
      rmSync(to, { force: true });
      const { jobs, events } = await copyDatabase(place.path, to);
      expect(writer.writes()).toBe(true);
      expect(jobs).toBeGreaterThanOrEqual(before);
      expect(rows(to, 'PRAGMA integrity_check')).toEqual(['ok']);
      // A prefix of what the writer did: its jobs without a gap, and the two events of each, besides the sandbox's own.
      expect(rows(to, 'SELECT id FROM jobs ORDER BY id')).toEqual(
        Array.from(
          { length: jobs },
          (_, n) => `01ARZ3NDEM${String(n).padStart(16, '0')}`,
        ),
      );
      expect(events).toBe(1 + 2 * jobs);
    }
  } finally {
    await writer.end();
  }
});

it('is one file that stands alone, and says what is in it', async () => {
  const store = place.open();
  const id = insert(store);
  submit(store, id, 'exec', EXEC);
  const to = join(place.dir, 'copy.sqlite');
  expect(await copyDatabase(place.path, to)).toEqual({
    schemaVersion: SCHEMA_VERSION,
    sandboxes: new Map([[id, { id, state: 'creating', version: 1 }]]),
    jobs: 1,
    events: 3,
  });
  expect(
    readdirSync(place.dir).filter((name) => name.includes('copy')),
  ).toEqual(['copy.sqlite']);
  expect(readSandboxes(to)).toEqual(readSandboxes(place.path));
});

it('holds what a process that was killed had committed', async () => {
  const store = place.open();
  const writer = await busyWriter(place.path, insert(store));
  store.close();
  await writer.end();
  const { jobs } = await copyDatabase(
    place.path,
    join(place.dir, 'copy.sqlite'),
  );
  expect(jobs).toBeGreaterThan(20);
});

it('refuses a database that is damaged', async () => {
  const store = place.open();
  submit(store, insert(store), 'exec', EXEC);
  store.close();
  const [page] = rows(
    place.path,
    "SELECT rootpage FROM sqlite_schema WHERE name = 'jobs_sandbox'",
  );
  const file = openSync(place.path, 'r+');
  writeSync(file, Buffer.alloc(4096), 0, 4096, (Number(page) - 1) * 4096);
  closeSync(file);
  await expect(
    copyDatabase(place.path, join(place.dir, 'copy.sqlite')),
  ).rejects.toThrow(/not sound/);
});

it('does not make a database where there is none', async () => {
  await expect(
    copyDatabase(place.path, join(place.dir, 'copy.sqlite')),
  ).rejects.toThrow();
  expect(readdirSync(place.dir)).toEqual([]);
});
