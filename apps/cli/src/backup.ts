import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SandboxId } from '@sandboxed/domain';
import { workspaceDir } from '@sandboxed/domain';
import type { CopiedDatabase } from '@sandboxed/store';
import {
  copyDatabase,
  KeyFileError,
  missingKeys,
  readSandboxes,
} from '@sandboxed/store';
import { pack } from './archive.ts';
import { copyFile, factsOf } from './hashed.ts';
import type { Manifest, WorkspaceEntry } from './manifest.ts';
import { archiveOf, DATABASE, KEY, MANIFEST } from './manifest.ts';
import { isDirectory, needNewPlace, syncDirectory } from './place.ts';
import { EXIT, isSystemError, Problem } from './problem.ts';
import { diskBytes, inMb, needSpace } from './space.ts';

export interface BackupOptions {
  readonly dataDir: string;
  /** Where the backup goes; its parent is there, it itself is not. */
  readonly directory: string;
  /** Of this program, for the manifest. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Tells a person how far it is. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Copies database, key and workspaces of an installation that may be running. The database is as it was at one moment;
 * workspaces are copied after it, one by one. The directory appears under its name when it is complete, or not at all.
 * Throws a Problem for what a person can correct.
 */
export async function backUp(options: BackupOptions): Promise<Manifest> {
  const { dataDir, directory } = options;
  const database = join(dataDir, 'db', DATABASE);
  const databaseBytes = await sizeOf(database);
  if (databaseBytes === undefined)
    throw new Problem(
      `There is nothing to back up: ${database} is not there.`,
      'Does SANDBOXED_DATA_DIR in .env name the right directory?',
      EXIT.failed,
    );
  await needNewPlace(directory, dataDir);
  await needSpace(
    dirname(directory),
    2 * databaseBytes +
      ((await diskBytesOf(join(dataDir, 'workspaces'), options)) ?? 0),
  );
  const draft = `${directory}.partial`;
  await mkdir(draft, { mode: 0o700 }).catch((error: unknown) => {
    if (!isSystemError(error, 'EEXIST')) throw error;
    throw new Problem(
      `${draft} is there: another backup is writing it, or one was cut off.`,
      'If none is at work, remove it, then run this again.',
      EXIT.cannotCreate,
    );
  });
  try {
    const manifest = await fill(draft, database, options);
    await rename(draft, directory);
    await syncDirectory(dirname(directory));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function fill(
  draft: string,
  database: string,
  options: BackupOptions,
): Promise<Manifest> {
  const { dataDir, version, now, say, signal } = options;
  const createdAt = new Date(now()).toISOString();
  const copy = join(draft, DATABASE);
  const content = await copyDatabase(database, copy);
  await chmod(copy, 0o600);
  const key = await copyFile(join(dataDir, KEY), join(draft, KEY), signal);
  needKeys(dataDir, copy, join(draft, KEY));
  const facts = await factsOf(copy, signal);
  const alive = [...content.sandboxes.values()].filter(
    ({ state }) => state !== 'deleted',
  ).length;
  say(`Database: ${alive} sandboxes, ${inMb(facts.bytes)} MB.`);

  await mkdir(join(draft, 'workspaces'), { mode: 0o700 });
  const copied = await copyWorkspaces(draft, content, options);
  const manifest: Manifest = {
    format: 1,
    version,
    schema_version: content.schemaVersion,
    created_at: createdAt,
    counts: { sandboxes: alive, jobs: content.jobs, events: content.events },
    database: facts,
    key,
    workspaces: withChanges(copied, content, database),
  };
  await writeFile(
    join(draft, MANIFEST),
    `${JSON.stringify(manifest, undefined, 2)}\n`,
    { mode: 0o600, flag: 'wx', flush: true },
  );
  await syncDirectory(join(draft, 'workspaces'));
  await syncDirectory(draft);
  return manifest;
}

/** Both were copied one after the other: the keys may have been changed in between. */
function needKeys(dataDir: string, copy: string, keyFile: string): void {
  let missing: readonly string[];
  try {
    missing = missingKeys(copy, keyFile);
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new Problem(
      `${join(dataDir, KEY)} is not a key file, or is damaged.`,
      'Put the right one back first: without it the stored environments cannot be read.',
      EXIT.failed,
    );
  }
  if (missing.length > 0)
    throw new Problem(
      `${join(dataDir, KEY)} does not hold the key ${missing.join(', ')}, which this database was encrypted with.`,
      'Was the key changed (./sandboxed rotate-key) meanwhile? Run this again. Else put the right file back, or delete the sandboxes that ./sandboxed rotate-key names.',
      EXIT.failed,
    );
}

/** The workspace of every row that has one, deleted sandboxes too. One that is purged meanwhile is left out. */
async function copyWorkspaces(
  draft: string,
  { sandboxes }: CopiedDatabase,
  options: BackupOptions,
): Promise<WorkspaceEntry[]> {
  const { dataDir, say, signal } = options;
  const entries: WorkspaceEntry[] = [];
  let done = 0;
  for (const { id, state } of sandboxes.values()) {
    signal.throwIfAborted();
    done += 1;
    const source = workspaceDir(dataDir, id);
    const disk_bytes = await diskBytesOf(source, options);
    if (disk_bytes === undefined) continue;
    const archive = join(draft, archiveOf(id));
    const { changed, ...packed } = await pack(source, archive, signal);
    if (packed.problem !== null && !(await isDirectory(source))) {
      await rm(archive);
      continue;
    }
    const may_have_changed = changed || isAtWork(state);
    entries.push({ id, state, may_have_changed, disk_bytes, ...packed });
    say(
      `Workspace ${done} of ${sandboxes.size}: ${id}, ${state}, ${inMb(disk_bytes)} MB.`,
    );
    if (packed.problem !== null)
      say(`Warning: files of ${id} are missing: ${packed.problem}`);
  }
  return entries;
}

/** Marks those whose sandbox woke, or was deleted, after the database was copied. */
function withChanges(
  entries: readonly WorkspaceEntry[],
  { sandboxes }: CopiedDatabase,
  database: string,
): WorkspaceEntry[] {
  const since = readSandboxes(database);
  const versionIn = (rows: CopiedDatabase['sandboxes'], id: SandboxId) =>
    rows.get(id)?.version;
  return entries.map((entry) => ({
    ...entry,
    may_have_changed:
      entry.may_have_changed ||
      versionIn(since, entry.id) !== versionIn(sandboxes, entry.id),
  }));
}

function isAtWork(state: WorkspaceEntry['state']): boolean {
  return state !== 'stopped' && state !== 'error' && state !== 'deleted';
}

async function diskBytesOf(
  directory: string,
  { signal }: BackupOptions,
): Promise<number | undefined> {
  return (await isDirectory(directory))
    ? diskBytes(directory, signal)
    : undefined;
}

/** Bytes of the database, what waits in its log included; undefined where there is none. */
async function sizeOf(database: string): Promise<number | undefined> {
  const [file, log] = await Promise.all(
    [database, `${database}-wal`].map(async (path) => {
      try {
        return (await stat(path)).size;
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return undefined;
        throw error;
      }
    }),
  );
  return file === undefined ? undefined : file + (log ?? 0);
}
