import { lstat } from 'node:fs/promises';
import { DomainError } from '@sandboxed/domain';
import { Directory } from './directory.ts';
import { errnoOf, explain, ignoreMissing, linkRefused } from './errors.ts';

/** Where the app directory lies in a sandbox's home; the tenant may have put links there, too. */
const APP = ['workspace', 'app'] as const;

type Step = (parent: Directory, name: string) => Promise<Directory>;

/**
 * Opens a directory below the app directory, part by part from the trusted `home`. The caller disposes of it.
 * Throws `file_not_found`, `file_conflict`, or `invalid_request` for a link.
 */
export function openDirectory(
  home: string,
  parts: readonly string[],
): Promise<Directory> {
  return walk(home, parts, (parent, name) => parent.child(name));
}

/** Like {@link openDirectory}, but makes what is missing. */
export function ensureDirectory(
  home: string,
  parts: readonly string[],
): Promise<Directory> {
  return walk(home, parts, (parent, name) => parent.made(name));
}

async function walk(
  home: string,
  parts: readonly string[],
  step: Step,
): Promise<Directory> {
  let current = await openHome(home);
  for (const [index, name] of [...APP, ...parts].entries()) {
    await using parent = current;
    try {
      current = await step(parent, name);
    } catch (error) {
      const shown =
        index < APP.length
          ? APP.slice(0, index + 1).join('/')
          : parts.slice(0, index - APP.length + 1).join('/');
      throw await why(error, parent, name, shown);
    }
  }
  return current;
}

/** The home is made and removed by the worker alone: one that is missing is not there yet, or not any more. */
async function openHome(home: string): Promise<Directory> {
  try {
    return await Directory.open(home);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new DomainError(
      'busy',
      'The sandbox has no workspace yet. Try again once it was created.',
      { cause: error, retryAfterSeconds: 1 },
    );
  }
}

/** O_DIRECTORY says ENOTDIR of links, too; they are to be named as what they are. */
async function why(
  error: unknown,
  parent: Directory,
  name: string,
  shown: string,
): Promise<unknown> {
  if (errnoOf(error) === 'ENOTDIR') {
    const stats = await lstat(parent.at(name)).catch(ignoreMissing);
    if (stats?.isSymbolicLink()) return linkRefused(shown);
  }
  return explain(error, shown);
}

/** Splits what a path names from the directory it lies in. */
export function locate(path: readonly string[]): {
  readonly parent: readonly string[];
  readonly name: string;
  readonly shown: string;
} {
  const name = path.at(-1);
  if (name === undefined)
    throw new DomainError(
      'invalid_request',
      'The path must name something below the app directory.',
    );
  return { parent: path.slice(0, -1), name, shown: path.join('/') };
}
