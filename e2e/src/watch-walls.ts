import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const EVERY_MS = 50;

/** The table of the installed firewall on this host as nft tells it, without counters; empty when there is none. */
export async function walls(): Promise<string> {
  const args = ['--stateless', 'list', 'table', 'inet', 'sandboxed'];
  return run('nft', args).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Looks at the walls again and again until `work` is over. Answers every way in which they stood, the first one first. */
export async function wallsDuring(
  work: Promise<unknown>,
): Promise<readonly string[]> {
  const seen = new Set<string>();
  const over = new AbortController();
  const ended = work.finally(() => {
    over.abort();
  });
  while (!over.signal.aborted) {
    seen.add(await walls());
    await pause(EVERY_MS);
  }
  await ended;
  return [...seen];
}
