import { chown, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { CrashPoint, JobId, SandboxId } from '@sandboxed/domain';
import { jobIdSchema, runDir, workspaceDir } from '@sandboxed/domain';
import { measureTree } from '@sandboxed/files';
import { ignoreMissing } from './ignore-missing.ts';
import { removeTree } from './remove-tree.ts';

/** uid and gid of every process in a sandbox. */
const TENANT = 1000;

/** What nobody uses any more is counted to its end. */
const WHOLE = {
  maxEntries: Number.POSITIVE_INFINITY,
  goOn: () => Promise.resolve(true),
};

/** The directories of sandboxes on the host. */
export interface Workspaces {
  /** Makes home and agent directory, owned by the tenant; existing ones stay as they are. */
  prepare(id: SandboxId): Promise<void>;
  /** Removes the agent's directory: socket, output, service logs. */
  removeRunDir(id: SandboxId): Promise<void>;
  /** Removes the workspace and answers the bytes it held on disk. Missing is fine. */
  remove(id: SandboxId, job: JobId): Promise<number>;
  /** Removes what removals that failed have left in the trash and answers its names; `isUnderWay` tells of a job that still looks after its own. */
  sweep(isUnderWay: (job: JobId) => boolean): Promise<readonly string[]>;
}

/** `dataDir` is the same path here and on the host. */
export function createWorkspaces(
  dataDir: string,
  reach: (point: CrashPoint) => void,
): Workspaces {
  const trash = join(dataDir, 'trash');
  return {
    async prepare(id) {
      for (const dir of [workspaceDir(dataDir, id), runDir(dataDir, id)]) {
        await mkdir(dir, { recursive: true, mode: 0o750 });
        await chown(dir, TENANT, TENANT);
      }
    },

    async removeRunDir(id) {
      await removeTree(runDir(dataDir, id));
    },

    async remove(id, job) {
      await mkdir(trash, { recursive: true, mode: 0o700 });
      const doomed = join(trash, `${id}-${job}`);
      // Moved away first: a crash in the middle never leaves half a workspace to be found by the same id.
      await rename(workspaceDir(dataDir, id), doomed).catch(ignoreMissing);
      reach('purge.moved');
      const { bytes } = await measureTree(doomed, WHOLE);
      await removeTree(doomed);
      return bytes;
    },

    async sweep(isUnderWay) {
      const names = (await readdir(trash).catch(ignoreMissing)) ?? [];
      const failures: unknown[] = [];
      const swept: string[] = [];
      for (const name of names) {
        const job = jobIdSchema.safeParse(name.split('-').at(-1)).data;
        if (job === undefined || isUnderWay(job)) continue;
        await removeTree(join(trash, name)).then(
          () => swept.push(name),
          (error: unknown) => failures.push(error),
        );
      }
      if (failures.length > 0)
        throw new AggregateError(failures, 'some of the trash stays');
      return swept;
    },
  };
}
