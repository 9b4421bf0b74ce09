import fs from 'node:fs';
import path from 'node:path';
import { AGENT_LIMITS } from './limits.ts';
import type { AppFacts } from './protocol.ts';

/** Files whose text says how an app is run. */
const TEXTS = [
  'sandbox.yaml',
  'package.json',
  'requirements.txt',
  'pyproject.toml',
  'main.py',
  'app.py',
  'app/main.py',
];

/** Files and directories of which it is enough to know that they are there. */
const MARKS = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'uv.lock',
  'index.html',
  'public/index.html',
  'dist/index.html',
  'node_modules',
  '.venv',
];

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;

/** Looks for the fixed names in an app directory. Links count as absent: nothing outside of it is read. */
export function readAppFacts(appDirectory: string): AppFacts {
  const present: string[] = [];
  const texts: Record<string, string> = {};
  for (const name of [...TEXTS, ...MARKS])
    within(appDirectory, path.dirname(name), (directory) => {
      const file = path.join(directory, path.basename(name));
      const kind = kindOf(file);
      if (kind === undefined) return;
      present.push(name);
      if (kind === 'directory' || !TEXTS.includes(name)) return;
      const text = readText(file);
      if (text !== undefined) texts[name] = text;
    });
  return { present, texts };
}

/**
 * The same of the app directory in a home that a tenant owns, for who is not that tenant: whatever is done to the names on the way
 * meanwhile, no link is followed. Undefined where there is no such directory.
 */
export function readForeignAppFacts(
  home: string,
  parts: readonly string[],
): AppFacts | undefined {
  const [part, ...rest] = parts;
  if (part === undefined) return readAppFacts(home);
  return within(home, part, (inner) => readForeignAppFacts(inner, rest));
}

/** Looks into a folder, held by its descriptor so that it stays the same one; undefined where there is none, or a link. */
function within<T>(
  directory: string,
  folder: string,
  look: (directory: string) => T,
): T | undefined {
  if (folder === '.') return look(directory);
  let descriptor: number;
  try {
    descriptor = fs.openSync(
      path.join(directory, folder),
      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK,
    );
  } catch {
    // Missing, a file, a link, or one that may not be entered.
    return undefined;
  }
  try {
    return look(`/proc/self/fd/${String(descriptor)}`);
  } finally {
    fs.closeSync(descriptor);
  }
}

function kindOf(file: string): 'file' | 'directory' | undefined {
  let stats: fs.Stats | undefined;
  try {
    stats = fs.lstatSync(file, { throwIfNoEntry: false });
  } catch {
    // A file where a directory was looked for, or one that may not be entered.
    return undefined;
  }
  if (stats?.isDirectory() === true) return 'directory';
  return stats?.isFile() === true ? 'file' : undefined;
}

/** The text of a plain UTF-8 file within the limit; undefined for any other. Never blocks on a pipe. */
function readText(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fs.fstatSync(descriptor).isFile()) return undefined;
    // One byte more than is allowed tells that there is more.
    const bytes = Buffer.alloc(AGENT_LIMITS.appTextBytes + 1);
    const size = fs.readSync(descriptor, bytes, 0, bytes.length, 0);
    if (size > AGENT_LIMITS.appTextBytes) return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(
      bytes.subarray(0, size),
    );
  } catch {
    // Gone, swapped for a link, not readable or not UTF-8: the tenant's own doing, reported as "no text".
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
