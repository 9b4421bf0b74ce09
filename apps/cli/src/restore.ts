import { execFile } from 'node:child_process';
import {
  link,
  mkdir,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SandboxId } from '@sandboxed/domain';
import { openStore, SCHEMA_VERSION } from '@sandboxed/store';
import { unpack } from './archive.ts';
import type { BroughtBack } from './bring-back.ts';
import { bringBack } from './bring-back.ts';
import { copyFile, factsOf } from './hashed.ts';
import type { FileFacts, Manifest } from './manifest.ts';
import { archiveOf, DATABASE, KEY, readManifest } from './manifest.ts';
import { isDirectory, syncDirectory } from './place.ts';
import { EXIT, isSystemError, Problem } from './problem.ts';
import { inMb, needSpace } from './space.ts';

/** Everything is built here first, inside the data directory so that it can be moved to its place. */
const DRAFT = 'restoring';
/** What a new file system has at its top. */
const NOTHING = new Set(['lost+found']);

export interface RestoreOptions {
  /** Missing or empty, and used by nobody. */
  readonly dataDir: string;
  /** A complete backup. It is only read. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Tells a person how far it is. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Restored extends BroughtBack {
  readonly manifest: Manifest;
  /** Workspaces of which files are missing; the reasons were said. */
  readonly incomplete: readonly SandboxId[];
}

/**
 * Brings a backup back into an empty data directory. Nothing is in its place before all of it was read and found whole, and the
 * database comes last: an installation that has one has everything. Throws a Problem for what a person can correct.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { dataDir, directory } = options;
  const manifest = await readManifest(directory);
  if (manifest.schema_version > SCHEMA_VERSION)
    throw new Problem(
      `${directory} was made by a newer sandboxed (${manifest.version}, schema ${manifest.schema_version}); this one knows schemas up to ${SCHEMA_VERSION}.`,
      'Get that version or a newer one, then restore with it.',
      EXIT.badBackup,
    );
  await needFiles(manifest, directory);
  await needEmpty(dataDir);
  const disk = manifest.workspaces.reduce(
    (sum, { disk_bytes }) => sum + disk_bytes,
    0,
  );
  await needSpace(dataDir, disk + 3 * manifest.database.bytes);

  const draft = join(dataDir, DRAFT);
  await removeTree(draft);
  await mkdir(draft, { mode: 0o700 });
  try {
    const settled = await fill(draft, manifest, options);
    await moveIn(draft, dataDir);
    return { ...settled, manifest };
  } catch (error) {
    await removeTree(draft);
    throw error;
  }
}

async function fill(
  draft: string,
  manifest: Manifest,
  { dataDir, directory, now, say, signal }: RestoreOptions,
): Promise<Omit<Restored, 'manifest'>> {
  await mkdir(join(draft, 'db'), { mode: 0o700 });
  const database = join(draft, 'db', DATABASE);
  const key = join(draft, KEY);
  for (const [from, to, facts] of [
    [DATABASE, database, manifest.database],
    [KEY, key, manifest.key],
  ] as const) {
    const source = join(directory, from);
    needSame(source, facts, await copyFile(source, to, signal));
  }
  // The schema is brought up to date on the way.
  const store = openStore({
    path: database,
    keyFile: key,
    // Nobody is there to be told.
    onCommit: () => undefined,
    onError: () => undefined,
  });
  let settled: BroughtBack;
  try {
    settled = bringBack(store, manifest.created_at, now());
  } finally {
    store.close();
  }
  say(`Database: ${manifest.counts.sandboxes} sandboxes.`);

  const incomplete: SandboxId[] = [];
  await mkdir(join(draft, 'workspaces'), { mode: 0o750 });
  for (const [index, entry] of manifest.workspaces.entries()) {
    const target = join(draft, 'workspaces', entry.id);
    await mkdir(target, { mode: 0o700 });
    const archive = join(directory, archiveOf(entry.id));
    needSame(archive, entry, await factsOf(archive, signal));
    const problem = await unpack(archive, target, signal);
    // A full disk would be the next one's trouble, too; what a tenant made, such as names too long to be made again, is its own.
    if (problem !== null) await needSpace(dataDir, 0);
    say(
      `Workspace ${index + 1} of ${manifest.workspaces.length}: ${entry.id}, ${inMb(entry.disk_bytes)} MB.`,
    );
    const missing = problem ?? entry.problem;
    if (missing === null) continue;
    incomplete.push(entry.id);
    say(`Warning: files of ${entry.id} are missing: ${missing}`);
  }
  await promisify(execFile)('sync', ['--file-system', draft], { signal });
  return { ...settled, incomplete };
}

/** However deep it is: Node goes by whole paths, which have a longest. */
async function removeTree(path: string): Promise<void> {
  await promisify(execFile)('rm', ['--recursive', '--force', '--', path]);
}

/** Each step fails rather than replace what somebody else put there meanwhile. */
async function moveIn(draft: string, dataDir: string): Promise<void> {
  await rename(join(draft, 'workspaces'), join(dataDir, 'workspaces'));
  await link(join(draft, KEY), join(dataDir, KEY));
  await rename(join(draft, 'db'), join(dataDir, 'db'));
  await rm(join(draft, KEY));
  await rmdir(draft);
  await syncDirectory(dataDir);
}

/** Finds what is missing or cut short before anything is written. */
async function needFiles(manifest: Manifest, directory: string): Promise<void> {
  const files: readonly (readonly [string, FileFacts])[] = [
    [DATABASE, manifest.database],
    [KEY, manifest.key],
    ...manifest.workspaces.map(
      (entry) => [archiveOf(entry.id), entry] as const,
    ),
  ];
  for (const [name, { bytes }] of files) {
    const file = join(directory, name);
    let size: number;
    try {
      ({ size } = await stat(file));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      throw broken(`${file} is missing`);
    }
    if (size !== bytes)
      throw broken(`${file} has ${size} bytes instead of ${bytes}`);
  }
}

async function needEmpty(dataDir: string): Promise<void> {
  if (!(await isDirectory(dataDir))) {
    await mkdir(dataDir, { recursive: true, mode: 0o755 });
    return;
  }
  const names = (await readdir(dataDir)).filter((name) => !NOTHING.has(name));
  // A restore that was killed leaves its draft alone behind; it began in an empty directory.
  if (names.length === 0 || (names.length === 1 && names[0] === DRAFT)) return;
  throw new Problem(
    `The data directory ${dataDir} is not empty: it holds ${names.sort().join(', ')}.`,
    'A restore replaces nothing. Take sandboxed down with ./uninstall.sh, move that directory away, then run this again.',
    EXIT.cannotCreate,
  );
}

function needSame(file: string, wanted: FileFacts, found: FileFacts): void {
  if (found.sha256 !== wanted.sha256)
    throw broken(`${file} is not what was written: its checksum differs`);
}

function broken(what: string): Problem {
  return new Problem(
    `This backup is damaged: ${what}.`,
    'Nothing was restored. Copy it again from where it came from, or use another one.',
    EXIT.badBackup,
  );
}
