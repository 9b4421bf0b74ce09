import type { FileChange } from '@sandboxed/domain';
import { z } from 'zod';

const inputSchema = z.object({ filePath: z.string() });
const writtenSchema = z.object({ exists: z.boolean() });
const patchedSchema = z.object({
  files: z.array(z.object({ filePath: z.string(), type: z.string() })),
});

const PATCH_CHANGES: Record<string, FileChange['change']> = {
  add: 'added',
  delete: 'deleted',
};

/** The files that a finished tool says it changed. What a shell command changes no tool tells. */
export function changedFiles(
  tool: string,
  { input, metadata }: { input?: unknown; metadata?: unknown },
): FileChange[] {
  if (tool === 'apply_patch' || tool === 'patch') {
    const { data } = patchedSchema.safeParse(metadata);
    return (data?.files ?? []).map(({ filePath, type }) => ({
      path: filePath,
      change: PATCH_CHANGES[type] ?? 'modified',
    }));
  }
  const { data: file } = inputSchema.safeParse(input);
  if (file === undefined) return [];
  if (tool === 'edit') return [{ path: file.filePath, change: 'modified' }];
  if (tool !== 'write') return [];
  const existed = writtenSchema.safeParse(metadata).data?.exists ?? true;
  return [{ path: file.filePath, change: existed ? 'modified' : 'added' }];
}
