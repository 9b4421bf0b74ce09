import fs from 'node:fs';
import path from 'node:path';
import { AGENT_LIMITS } from '../limits.ts';
import type { AppFacts } from '../protocol.ts';

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

/** Looks for the fixed names in an app directory. Links count as absent: nothing outside of it is read. */
export function readAppFacts(appDirectory: string): AppFacts {
  const present: string[] = [];
  const texts: Record<string, string> = {};
  for (const name of [...TEXTS, ...MARKS]) {
    const file = path.join(appDirectory, name);
    const kind = kindOf(appDirectory, name);
    if (kind === undefined) continue;
    present.push(name);
    if (kind === 'directory' || !TEXTS.includes(name)) continue;
    const text = readText(file);
    if (text !== undefined) texts[name] = text;
  }
  return { present, texts };
}

/** What a name is, when no part of it is a link. */
function kindOf(
  appDirectory: string,
  name: string,
): 'file' | 'directory' | undefined {
  let place = appDirectory;
  let stats: fs.Stats | undefined;
  for (const part of name.split('/')) {
    place = path.join(place, part);
    stats = look(place);
    if (stats === undefined || stats.isSymbolicLink()) return undefined;
  }
  if (stats?.isDirectory() === true) return 'directory';
  return stats?.isFile() === true ? 'file' : undefined;
}

function look(place: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(place, { throwIfNoEntry: false });
  } catch {
    // A file where a directory was looked for, or one that may not be entered.
    return undefined;
  }
}

/** The text of a plain UTF-8 file within the limit; undefined for any other. Never blocks on a pipe. */
function readText(file: string): string | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
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
