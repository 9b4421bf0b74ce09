import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AGENT_MOUNT } from '@sandboxed/domain';
import { buildSnapshot, SNAPSHOT, withSnapshot } from './agent-snapshot.ts';

/** The program, and what is copied beside it as it is. */
const BUNDLE = 'agent.cjs';
const PTY_ADDON = 'pty.node';
const TEMPLATES = 'templates';

/** A resident agent that sandboxes can be started with. */
export interface InstalledAgent {
  /** On the host. */
  readonly directory: string;
  /** As a sandbox sees it. */
  readonly command: readonly string[];
}

/**
 * Puts the resident agent (a Node binary, one bundled file, the native part of terminals, the templates) and `texts` by file name into the data
 * directory, from where it is mounted read-only into every sandbox. Named by content: running sandboxes keep theirs,
 * an upgrade adds another. Two workers may do this at once. Where no snapshot of the agent could be made that runs, `onNoSnapshot` is told and
 * it is started without, which takes longer. That is decided once, by who installs it, and told by what is in the directory: workers
 * that each tried for themselves might give the same sandbox different containers.
 */
export async function installAgent(
  source: string,
  dataDir: string,
  texts: Readonly<Record<string, string>>,
  onNoSnapshot: (why: unknown) => void,
): Promise<InstalledAgent> {
  const { directory, why } = await install(source, dataDir, texts);
  const hasSnapshot = existsSync(join(directory, SNAPSHOT));
  if (!hasSnapshot)
    onNoSnapshot(why ?? new Error(`none was made for ${directory}`));
  return {
    directory,
    command: [
      `${AGENT_MOUNT}/node`,
      ...(hasSnapshot
        ? withSnapshot(`${AGENT_MOUNT}/${SNAPSHOT}`)
        : [`${AGENT_MOUNT}/${BUNDLE}`]),
    ],
  };
}

/** `why` it has no snapshot, where that was tried now. */
async function install(
  source: string,
  dataDir: string,
  texts: Readonly<Record<string, string>>,
): Promise<{ readonly directory: string; readonly why?: unknown }> {
  const files = [BUNDLE, PTY_ADDON, ...(await listFiles(source, TEMPLATES))];
  const { size } = await stat(join(source, 'node'));
  const hash = createHash('sha256').update(String(size));
  for (const [name, text] of Object.entries(texts))
    hash.update(`\0${name}\0`).update(text);
  for (const file of files)
    hash.update(`\0${file}\0`).update(await readFile(join(source, file)));
  const target = join(dataDir, 'agent', hash.digest('hex').slice(0, 16));
  if (existsSync(target)) return { directory: target };

  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  // Workers in containers may have the same process id: the name is made unique by the file system.
  const staging = await mkdtemp(`${target}.`);
  await chmod(staging, 0o755);
  for (const file of ['node', ...files]) {
    const copy = join(staging, file);
    // The tenant reads them: not with the permissions that the source happens to have.
    await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
    await copyFile(join(source, file), copy);
    await chmod(copy, file.startsWith(TEMPLATES) ? 0o644 : 0o755);
  }
  for (const [name, text] of Object.entries(texts))
    await writeFile(join(staging, name), text, { mode: 0o644 });
  const why = await buildSnapshot(staging, BUNDLE).catch(
    (error: unknown) => error,
  );
  try {
    await rename(staging, target);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return { directory: target, why };
}

/** Files below a directory of `root`, relative to `root`, in one order everywhere. */
async function listFiles(root: string, directory: string): Promise<string[]> {
  const entries = await readdir(join(root, directory), {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
