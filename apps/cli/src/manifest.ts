import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SANDBOX_STATES, sandboxIdSchema } from '@sandboxed/domain';
import { z } from 'zod';
import { EXIT, isSystemError, Problem } from './problem.ts';

/** Names inside a backup. */
export const MANIFEST = 'manifest.json';
export const DATABASE = 'sandboxed.sqlite';
export const KEY = 'secret.key';
/** An uncompressed tar archive, relative to the backup. */
export function archiveOf(id: string): string {
  return join('workspaces', `${id}.tar`);
}

const fileSchema = z.object({
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
/** Size and checksum of a file of a backup. */
export type FileFacts = z.output<typeof fileSchema>;

const workspaceSchema = fileSchema.extend({
  id: sandboxIdSchema,
  /** What its sandbox was when the database was copied. */
  state: z.enum(SANDBOX_STATES),
  /** Something ran or wrote in it while it was copied: its files may be in the middle of a change. */
  may_have_changed: z.boolean(),
  /** Why files of it are missing, null when none is. */
  problem: z.string().nullable(),
  /** What it took on disk. */
  disk_bytes: z.int().nonnegative(),
});

const manifestSchema = z.object({
  format: z.literal(1),
  /** Of the program that made it. */
  version: z.string(),
  schema_version: z.int().positive(),
  created_at: z.iso.datetime(),
  /** Sandboxes without those that were deleted. */
  counts: z.object({
    sandboxes: z.int().nonnegative(),
    jobs: z.int().nonnegative(),
    events: z.int().nonnegative(),
  }),
  database: fileSchema,
  key: fileSchema,
  workspaces: z.array(workspaceSchema),
});
/** What a backup holds. It is written last: a directory without one is no backup. */
export type Manifest = z.output<typeof manifestSchema>;
export type WorkspaceEntry = Manifest['workspaces'][number];

/** Reads the manifest of a backup. Throws a Problem for a directory that is none. */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = join(directory, MANIFEST);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT') && !isSystemError(error, 'ENOTDIR'))
      throw error;
    throw new Problem(
      `${directory} is not a backup: it holds no ${MANIFEST}.`,
      'Name the directory that was given to `sandboxed backup`. One that ends in .partial was cut off and cannot be restored.',
      EXIT.badBackup,
    );
  }
  const parsed = manifestSchema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Problem(
    `${file} cannot be understood: ${z.prettifyError(parsed.error)}`,
    'It is damaged or was made by a newer sandboxed. Use another backup, or that version.',
    EXIT.badBackup,
  );
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
