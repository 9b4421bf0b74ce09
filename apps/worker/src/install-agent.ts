import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts the resident agent (a Node binary and one bundled file) into the data directory, from where it is mounted
 * read-only into every sandbox. Named by content: running sandboxes keep theirs, an upgrade adds another.
 * Two workers may do this at once. Returns the directory.
 */
export async function installAgent(
  source: string,
  dataDir: string,
): Promise<string> {
  const bundle = await readFile(join(source, 'agent.mjs'));
  const { size } = await stat(join(source, 'node'));
  const version = createHash('sha256')
    .update(bundle)
    .update(String(size))
    .digest('hex')
    .slice(0, 16);
  const target = join(dataDir, 'agent', version);
  if (await exists(target)) return target;

  const staging = `${target}.${String(process.pid)}.${String(Date.now())}`;
  await mkdir(staging, { recursive: true, mode: 0o755 });
  for (const file of ['node', 'agent.mjs']) {
    await copyFile(join(source, file), join(staging, file));
    await chmod(join(staging, file), 0o755);
  }
  try {
    await rename(staging, target);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!(await exists(target))) throw error;
  }
  return target;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return false;
    throw error;
  }
}
