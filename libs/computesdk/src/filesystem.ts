import type { SandboxMethods } from '@computesdk/provider';
import type { Sandbox } from '@sandboxed/sdk';
import { NotFoundError } from '@sandboxed/sdk';
import { outsideFiles } from './outside-files.ts';

const APP = '/home/sandbox/workspace/app';

/** The path within the app directory, to which relative ones are; undefined for one outside. */
function withinApp(path: string): string | undefined {
  if (!path.startsWith('/')) return plain(path);
  if (path === APP || path.startsWith(`${APP}/`))
    return plain(path.slice(APP.length + 1));
  return undefined;
}

/** As the API has it: `./src/` is `src`. */
function plain(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/**
 * Files of a sandbox. Those in the app directory are read and written by the API, also while it sleeps; others by programs in it, up
 * to 1 MiB.
 */
export const filesystem: NonNullable<SandboxMethods<Sandbox>['filesystem']> = {
  async readFile(sandbox, path) {
    const inside = withinApp(path);
    return inside === undefined
      ? outsideFiles.read(sandbox, path)
      : sandbox.files.read(inside);
  },

  async writeFile(sandbox, path, content) {
    const inside = withinApp(path);
    if (inside === undefined) await outsideFiles.write(sandbox, path, content);
    else await sandbox.files.write(inside, content);
  },

  async mkdir(sandbox, path) {
    const inside = withinApp(path);
    if (inside === undefined) await outsideFiles.mkdir(sandbox, path);
    else if (inside !== '') await sandbox.files.mkdir(inside);
  },

  async readdir(sandbox, path) {
    const inside = withinApp(path);
    if (inside === undefined) return outsideFiles.readdir(sandbox, path);
    const { entries, truncated } = await sandbox.files.list(inside);
    // One answer of the API does not hold all; a program's output may.
    if (truncated) return outsideFiles.readdir(sandbox, `${APP}/${inside}`);
    return entries.map((entry) => ({
      name: entry.path.split('/').at(-1) ?? entry.path,
      type: entry.type === 'directory' ? 'directory' : 'file',
      size: entry.size,
      modified: new Date(entry.modifiedAt),
    }));
  },

  async exists(sandbox, path) {
    const inside = withinApp(path);
    if (inside === undefined) return outsideFiles.exists(sandbox, path);
    return inside === '' || sandbox.files.exists(inside);
  },

  async remove(sandbox, path) {
    const inside = withinApp(path);
    if (inside === undefined) {
      await outsideFiles.remove(sandbox, path);
      return;
    }
    try {
      await sandbox.files.remove(inside, { recursive: true });
    } catch (error) {
      const isGone =
        error instanceof NotFoundError && error.code === 'file_not_found';
      if (!isGone) throw error;
    }
  },
};
