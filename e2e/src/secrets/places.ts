import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from '../own-stack/docker.ts';
import type { OwnStack } from '../own-stack/own-stack.ts';

const run = promisify(execFile);

/** Something that is looked through for secrets. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** All that lies of a stack on its host, but for the one file that is the secret and for the sandboxes' own memory. */
export async function* placesAtRest(
  stack: OwnStack,
  since: Date,
): AsyncGenerator<Place> {
  const home = dirname(stack.dataDir);
  for (const name of await readdir(home))
    if (name.endsWith('.log')) yield* files('log', join(home, name));
  yield* redis(stack, join(home, 'redis'));
  yield* files('data', stack.dataDir, [
    join(stack.dataDir, 'secret.key'),
    // The program of the agent, templates: the same in every installation, and 130 MB.
    join(stack.dataDir, 'agent'),
  ]);
  yield* engine(stack.instance, since);
  yield* processes(stack);
}

/** Every key in whatever type, as Redis itself writes it, and the log of what was written. */
async function* redis(stack: OwnStack, dir: string): AsyncGenerator<Place> {
  const ask = (...args: readonly string[]) =>
    run('redis-cli', ['-p', String(stack.redisPort), ...args]);
  await ask('CONFIG', 'SET', 'rdbcompression', 'no');
  await ask('SAVE');
  yield* files('redis', dir);
}

async function* engine(instance: string, since: Date): AsyncGenerator<Place> {
  const filter = ['--filter', `label=sandboxed.instance=${instance}`];
  const seconds = (date: Date) => String(date.getTime() / 1_000);
  const said = async (...args: readonly string[]): Promise<Place> => ({
    name: `docker ${args.slice(0, 2).join(' ')}`,
    bytes: Buffer.from((await docker(...args)).join('\n')),
  });
  yield said('ps', '--all', '--no-trunc', ...filter);
  yield said(
    ...['events', '--since', seconds(since), '--until', seconds(new Date())],
    ...[...filter, '--format', '{{json .}}'],
  );
  for (const id of await docker('ps', '--all', '--quiet', ...filter)) {
    yield said('inspect', id);
    const { stdout, stderr } = await run('docker', ['logs', id]);
    yield { name: `docker logs ${id}`, bytes: Buffer.from(stdout + stderr) };
  }
}

/** Arguments of every process of the host, those in sandboxes too; environments of the control plane's. */
export async function* processes(stack: OwnStack): AsyncGenerator<Place> {
  const ours = new Map(
    [...stack.children.values()].map((child) => [child.pid(), child.name]),
  );
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    yield* readable(`arguments of process ${pid}`, `/proc/${pid}/cmdline`);
    const name = ours.get(Number(pid));
    // The api is given the tokens of API clients in its environment: an allowed place.
    if (name !== undefined && name !== 'api')
      yield* readable(`environment of ${name}`, `/proc/${pid}/environ`);
  }
}

/** A file, or every file below a directory; names count as content. Links are not followed. */
export async function* files(
  name: string,
  path: string,
  without: readonly string[] = [],
): AsyncGenerator<Place> {
  if (without.includes(path)) return;
  const entries = await readdir(path, { withFileTypes: true }).catch(
    () => undefined,
  );
  if (entries === undefined) {
    yield* readable(`${name} ${path}`, path);
    return;
  }
  for (const entry of entries) {
    const at = join(path, entry.name);
    yield { name: `the name of ${at}`, bytes: Buffer.from(entry.name) };
    if (entry.isDirectory() || entry.isFile()) yield* files(name, at, without);
  }
}

/** What is gone by now, as a process may be, holds nothing. */
async function* readable(name: string, path: string): AsyncGenerator<Place> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  yield { name, bytes };
}

function isGone(error: unknown): boolean {
  // Not instanceof: Jest's realm has an Error of its own.
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ESRCH')
  );
}
