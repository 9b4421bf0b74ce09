import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Removes a tree, whatever a tenant has put there; a missing one is fine. By the host's `rm`: Node's own goes by paths, and fails
 * for what lies deeper than a path can name.
 */
export async function removeTree(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', path]);
}
