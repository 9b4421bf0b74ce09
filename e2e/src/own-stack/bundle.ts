import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What bundles are made of, and an agent with them, and what is made. */
const SOURCES = [
  ...['{apps,libs,templates}/**/*', 'scripts/*.mjs'],
  ...['package-lock.json', 'tsconfig.base.json'],
];
const MADE = ['dist/*.{mjs,cjs}', 'dist/{docs,console}/**/*'];
const NO_SOURCES = new Set(['node_modules', 'test', 'python']);

/**
 * Runs `scripts/bundle.mjs`, unless `dist` is what it made of the same sources the last time: a run of the suite starts dozens of
 * stacks. Answers a digest of the sources.
 */
export async function bundle(
  root: string,
  args: readonly string[] = [],
): Promise<string> {
  const note = join(root, 'node_modules/.cache/bundle');
  const before = await readFile(note, 'utf8').catch(() => '');
  const sources = await digest(root, SOURCES, args);
  if (before === (await noteOf(root, sources))) return sources;
  await rm(note, { force: true });
  const program = join(root, 'scripts/bundle.mjs');
  await run(process.execPath, [program, ...args], { cwd: root });
  await mkdir(dirname(note), { recursive: true });
  await writeFile(note, await noteOf(root, sources));
  return sources;
}

const noteOf = async (root: string, sources: string): Promise<string> =>
  `${sources} ${await digest(root, MADE, [])}`;

/** Of names and contents of the files that the patterns name, and of `more`. */
async function digest(
  root: string,
  patterns: readonly string[],
  more: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(more));
  const files = globSync(patterns, {
    cwd: root,
    withFileTypes: true,
    exclude: ({ name }) => NO_SOURCES.has(name),
  })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const file of files)
    hash.update(`\0${file}\0`).update(await readFile(file));
  return hash.digest('hex');
}
