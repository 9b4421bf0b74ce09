import type { SandboxRecord } from '@sandboxed/domain';
import { DISK_MODE, diskLimit, toMb } from '@sandboxed/domain';
import { readDiskSpace } from '@sandboxed/runtime';
import { z } from 'zod';
import { figuresBy, gaugeLines } from './exposition.ts';
import type { ApiDeps } from './http/route.ts';

/** What a sandbox has on disk, in MiB and files; absent until it was measured once. */
export const diskViewSchema = z
  .object({
    used_mb: z.int(),
    limit_mb: z.int(),
    files: z.int(),
    files_limit: z.int(),
    measured_at: z.string(),
  })
  .optional();

/** The field `disk` of a sandbox. */
export function diskView(
  { store }: Pick<ApiDeps, 'store'>,
  { id, limits }: SandboxRecord,
): { readonly disk?: z.output<typeof diskViewSchema> } {
  const row = store.disk.get(id);
  if (row === undefined || row.measuredAt === null) return {};
  return {
    disk: {
      used_mb: toMb(row.bytes),
      limit_mb: limits.disk_mb,
      files: row.files,
      files_limit: diskLimit(limits).files,
      measured_at: new Date(row.measuredAt).toISOString(),
    },
  };
}

/** The field `disk` of the system: how limits are kept, and the room of the data directory. */
export async function systemDisk({
  store,
  config,
}: Pick<ApiDeps, 'store' | 'config'>): Promise<object> {
  const { freeMb, totalMb } = await readDiskSpace(config.SANDBOXED_DATA_DIR);
  const used = store.disk.total();
  return {
    mode: DISK_MODE,
    free_mb: Math.floor(freeMb),
    total_mb: Math.floor(totalMb),
    is_short: (store.disk.space()?.shortSince ?? null) !== null,
    workspaces_mb: toMb(used.bytes),
    workspaces_files: used.files,
    levels: store.disk.countByLevel(),
  };
}

/** Lines for Prometheus. */
export function diskMetrics({ store }: Pick<ApiDeps, 'store'>): string[] {
  const used = store.disk.total();
  const isShort = (store.disk.space()?.shortSince ?? null) !== null;
  return [
    ...gaugeLines(
      {
        name: 'sandboxed_workspaces_bytes',
        help: 'What all workspaces have on disk.',
      },
      [{ value: used.bytes }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_workspaces_files',
        help: 'Files and directories of all workspaces.',
      },
      [{ value: used.files }],
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_disk_level',
        help: 'Sandboxes by how close they are to their limit of disk.',
      },
      figuresBy('level', store.disk.countByLevel()),
    ),
    ...gaugeLines(
      {
        name: 'sandboxed_disk_short',
        help: 'Whether the data directory is short of room.',
      },
      [{ value: isShort ? 1 : 0 }],
    ),
  ];
}
